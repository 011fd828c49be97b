import { expect, test } from "vitest";
import { architectureOf } from "./instance-types.ts";

const families = (text: string) => text.split(" ").map((family) => `${family}.large`);

// Of the tables of https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-types.html.
test.each([
  ...families(
    "a1 t4g m6g m6gd m7g m7gd m8g m8gd m8gb m8gn c6g c6gd c6gn c7g c7gd c7gn c8g c8gb c8gn r6g r6gd r7g r7gd r8g",
  ),
  ...families("r8gb r8gd r8gn x2gd x8g i4g i7g i8g i8ge im4gn is4gen g5g hpc7g mac2 mac2-m2 mac2-m1ultra p6e-gb200"),
])("%s is Arm", (type) => {
  expect(architectureOf(type)).toBe("arm64");
});

test.each([
  ...families(
    "t2 t3 t3a m5 m5a m5ad m5d m5dn m5n m5zn m6a m6i m6id m6idn m6in m7a m7i m7i-flex m8i m8i-flex c4 c5 c5a c5ad c5d",
  ),
  ...families(
    "c5n c6a c6i c6in c7a c7i c7i-flex c8i r5 r5b r6a r6i r7iz x1 x1e x2idn x2iedn x2iezn z1d u-6tb1 u-12tb1 u7i-12tb",
  ),
  ...families(
    "u7in-16tb u7inh-32tb d2 d3 d3en h1 i3 i3en i4i i7i i7ie g4ad g4dn g5 g6 g6e g6f gr6 gr6f p3 p3dn p4d p4de p5 p5e",
  ),
  ...families("p5en p6-b200 inf1 inf2 trn1 trn1n trn2 dl1 dl2q vt1 f1 f2 hpc6a hpc6id hpc7a mac1"),
])("%s is x86", (type) => {
  expect(architectureOf(type)).toBe("x86_64");
});
