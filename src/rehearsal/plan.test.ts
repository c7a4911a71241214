import { describe, expect, it } from "vitest";
import { planChanges } from "./plan.ts";

const policies = (part: string, ...names: readonly string[]) =>
  `${part}: [${names.map((name) => `{ name: ${name} }`).join(", ")}]\n`;

describe("a plan", () => {
  it.each([
    ["fold", "order of fold policies"],
    ["cases", "order of case policies"],
    ["routes", "order of routes"],
  ])("says that the order of %s is another one: the first that matches decides", (part, what) => {
    const changes = planChanges(policies(part, "a", "b"), policies(part, "b", "a"));
    expect(changes).toEqual([{ change: "changed", what, name: "", settings: [] }]);
  });

  it("finds no other order where one was added or removed, nor where it means nothing", () => {
    const changes = planChanges(policies("routes", "a", "b"), policies("routes", "c", "b"));
    expect(changes.map(({ change, name }) => `${change} ${name}`)).toEqual([
      "removed a",
      "added c",
    ]);
    expect(planChanges(policies("silences", "a", "b"), policies("silences", "b", "a"))).toEqual([]);
  });
});
