import { expect, it } from "vitest";
import { parseEnvFile } from "./env-file.ts";

it.each([
  ["A=b", { A: "b" }],
  ["A=b c \n B = no\nB=2", { A: "b c", B: "2" }],
  ['A="b \\" c"\nB=\'$d "e"\'', { A: 'b " c', B: '$d "e"' }],
  ["# A=1\n; B=2\n\nexport C=3", {}],
  ["A=one\\\ntwo", { A: "onetwo" }],
  ["A=a=b#c", { A: "a=b#c" }],
  ["A=", { A: "" }],
])("%j is read as systemd reads it", (text, expected) => {
  expect(parseEnvFile(text)).toEqual(expected);
});
