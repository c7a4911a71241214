import { expect, test } from "vitest";
import { cliReference } from "./reference.ts";

const page = cliReference();

test.each(
  (
    "start init check send tail audit explain replay alerts deliveries dead quarantine key " +
    "destination version"
  )
    .split(" ")
    .map((name) => [name]),
)("the page describes %s", (name) => {
  expect(page).toContain(`\n## tocsin ${name}\n`);
});

test("every command that does something tells its exit codes", () => {
  const silent = page
    .split("\n## ")
    .slice(1)
    .filter(
      (section) => !section.includes("\nCommands:\n") && !section.includes("\nExit codes:\n"),
    );
  expect(silent).toEqual([]);
});

test("the page is the same at every time and place", () => {
  expect(cliReference()).toBe(page);
  expect(page).not.toContain(process.cwd());
});
