import "@angular/localize/init";
import { expect, test } from "vitest";
import { problemOf } from "./problem";

test("a problem is told in the person's language, with the backend's detail", () => {
  const body = { type: "about:blank", title: "Too Many Requests", status: 429, detail: "Wait.", requestId: "f00d" };
  expect(problemOf(429, body)).toEqual({
    status: 429,
    title: "Too many requests at once",
    detail: "Wait.",
    requestId: "f00d",
  });
});

test("an answer that is not the backend's is told by its status alone", () => {
  expect(problemOf(502, null)).toMatchObject({ title: "The server answered with an error (502)", detail: null });
  expect(problemOf(404, "<html>")).toMatchObject({ title: "This does not exist", detail: null });
  expect(problemOf(503, { detail: { html: "<b>" } })).toMatchObject({
    title: "The server cannot answer right now",
    detail: null,
  });
});
