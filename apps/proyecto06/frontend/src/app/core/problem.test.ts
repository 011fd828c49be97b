import "@angular/localize/init";
import { expect, test } from "vitest";
import { problemOf } from "./problem";

test("the backend's words come first", () => {
  const body = {
    type: "about:blank",
    title: "Too Many Requests",
    status: 429,
    detail: "Wait a minute.",
    requestId: "f00d",
  };
  expect(problemOf(429, body)).toEqual({
    status: 429,
    title: "Too Many Requests",
    detail: "Wait a minute.",
    requestId: "f00d",
  });
});

test("an answer that is not the backend's is told in our own", () => {
  expect(problemOf(502, null)).toMatchObject({ title: "The console answered with an error (502)", detail: null });
  expect(problemOf(404, "<html>")).toMatchObject({ title: "This does not exist" });
  expect(problemOf(500, { title: { html: "<b>" } }).title).toBe("The console answered with an error (500)");
});
