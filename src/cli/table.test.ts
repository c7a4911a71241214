import { expect, test } from "vitest";
import { formatTable } from "./table.ts";

test("columns are as wide as their widest cell", () => {
  expect(
    formatTable(
      ["ID", "NAME"],
      [
        ["1", "first"],
        ["22", "x"],
      ],
    ),
  ).toEqual(["ID  NAME", " 1  first", "22  x"]);
});

test("a table without rows is its header", () => {
  expect(formatTable(["ID", "NAME"], [])).toEqual(["ID  NAME"]);
});

test("the last column is cut where the terminal ends", () => {
  const lines = formatTable(["ID", "TITLE"], [["a", "x".repeat(50)]], 20);
  expect(lines[1]).toBe(`a   ${"x".repeat(15)}…`);
  expect(lines[1]).toHaveLength(20);
});

test("a cell cannot command the terminal or break its line", () => {
  const lines = formatTable(["A", "B"], [["\u001b[31mred\u0007", "two\nlines\u202e"]]);
  expect(lines[1]).toBe("[31mred  two lines");
});

test("colour does not count for the width", () => {
  const painted = { text: "high", paint: (text: string) => `<${text}>` };
  expect(formatTable(["SEVERITY", "B"], [[painted, "b"]])).toEqual([
    "SEVERITY  B",
    "<high    >  b",
  ]);
});
