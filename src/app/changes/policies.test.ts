import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listPolicies as listAll } from "../../ledger/policies.ts";
import { NOON, TestFolder } from "../../ledger/testing/folder.ts";
import { Database } from "../../sqlite/database.ts";
import { listActionsOn } from "../../store/sqlite/actions.ts";
import { readStateVersion, setMeta } from "../../store/sqlite/meta.ts";
import { readPoliciesVersion } from "../../store/sqlite/policies.ts";
import type { PolicyKind, PolicySettings } from "../../store/policy.ts";
import { APPLIED_CONFIGURATION, recordableConfiguration } from "../applied-configuration.ts";
import { registries } from "../registries.ts";
import { applyChange } from "./change.ts";

const APPLIED = `
sources: { in: { kind: generic, auth: hmac, hmac: { secret: "\${env:HMAC}", header: x } } }
destinations: { out: { kind: log }, hook: { kind: webhook, url: "https://a.test", secret: abc } }
calendars: { office: { open: ["mon-fri 08:00-18:00"] } }
routes: [{ name: usual, to: [out, hook] }]
`;

let folder: TestFolder;
let database: Database;

beforeEach(() => {
  folder = new TestFolder();
  database = new Database(folder.paths.store);
  apply(APPLIED);
});

afterEach(async () => {
  database.close();
  await folder.remove();
});

function apply(text: string): void {
  setMeta(database, APPLIED_CONFIGURATION, recordableConfiguration(text, registries));
}

const save = (kind: PolicyKind, name: string, settings: PolicySettings, who = "ada") =>
  applyChange(database, "policy.save", { kind, name, settings }, { who, now: NOON });
const remove = (kind: PolicyKind, name: string) =>
  applyChange(database, "policy.remove", { kind, name }, { who: "bob", now: NOON + 1 });
const names = () => listAll({ store: database }).map(({ kind, name }) => `${kind}/${name}`);
const refused = (code: string, message: RegExp, hint = /\S/) =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });

describe("a policy that is made", () => {
  it("is kept as written, and written down with who and when", () => {
    const settings = { match: "severity: low", by: ["host.name"], window: "2h" };
    expect(save("fold", "low", settings)).toEqual({
      kind: "fold",
      name: "low",
      settings,
      author: "ada",
      created_at: NOON,
      updated_at: NOON,
    });
    expect(listActionsOn(database, "fold/low")).toMatchObject([
      { at: NOON, who: "ada", kind: "policy.added", detail: { policy: { settings } } },
    ]);
  });

  it("raises the versions by which a server sees that it changed", () => {
    const [policies, state] = [readPoliciesVersion(database), readStateVersion(database)];
    save("routes", "a", { to: ["out"] });
    expect(readPoliciesVersion(database)).toBe(policies + 1);
    expect(readStateVersion(database)).toBeGreaterThan(state);
    remove("routes", "a");
    expect(readPoliciesVersion(database)).toBe(policies + 2);
  });

  it("stands behind those that were made before, and keeps its place when it is changed", () => {
    for (const name of ["b", "a", "c"]) save("routes", name, { to: [], match: "severity: low" });
    const changed = save("routes", "b", { to: ["out"] }, "eve");
    expect(changed).toMatchObject({ author: "eve", settings: { to: ["out"] } });
    expect(names()).toEqual(["routes/b", "routes/a", "routes/c", "routes/usual"]);
    const kinds = listActionsOn(database, "routes/b").map(({ kind }) => kind);
    expect(kinds).toEqual(["policy.added", "policy.changed"]);
  });

  it("may be of every kind, and use what the file has", () => {
    save("cases", "c", { group_by: ["host.name"] });
    save("correlate", "r", { count: "> 3", by: ["user.name"], within: "5m" });
    save("inhibit", "i", { while: "a", mute: "b", equal: ["host.name"] });
    save("routes", "o", { to: ["out"], hours: { calendar: "office" } });
    expect(names()).toHaveLength(5);
  });

  it("may say its own name again, and no other", () => {
    expect(save("routes", "a", { name: "a", to: [] }).settings).toEqual({ to: [] });
    expect(() => save("routes", "a", { name: "b", to: [] })).toThrow(
      refused("REQUEST_INVALID", /it is called a/),
    );
  });
});

describe("refused, and nothing is changed, is", () => {
  afterEach(() => expect(names()).toEqual(["routes/usual"]));

  it("what does not fit, with all that is wrong", () => {
    expect(() => save("routes", "a", { to: ["ouut"] })).toThrow(
      refused("REQUEST_INVALID", /^unknown destination `ouut`$/, /did you mean `out`/),
    );
    expect(() => save("routes", "a", { to: ["ouut"], mach: "x" })).toThrow(
      refused(
        "REQUEST_INVALID",
        /unknown key `mach`.*did you mean.*; unknown destination `ouut`.*did you mean/,
      ),
    );
    expect(() => save("fold", "no name", {})).toThrow(refused("REQUEST_INVALID", /not a name/));
    expect(() => save("fold", "f", { match: "a:" })).toThrow(refused("REQUEST_INVALID", /\S/));
  });

  it("a name that the file has, to be made or removed", () => {
    expect(() => save("routes", "usual", { to: [] })).toThrow(refused("CONFLICT", /stands in/));
    expect(() => remove("routes", "usual")).toThrow(refused("CONFLICT", /stands in/));
  });

  it("the removal of what is not there", () => {
    const versions = readPoliciesVersion(database);
    expect(() => remove("fold", "usual")).toThrow(refused("NOT_FOUND", /no fold usual/));
    expect(readPoliciesVersion(database)).toBe(versions);
  });

  it("what is too much for a configuration", () => {
    const by = Array.from({ length: 100_000 }, (_, index) => `field.number.${index}`);
    expect(() => save("fold", "f", { by })).toThrow(refused("REQUEST_INVALID", /larger than/));
  });
});

it("what no longer goes with the file can still be removed, and keeps nothing else from being made", () => {
  save("routes", "a", { to: ["hook"] });
  save("routes", "b", { to: ["out"] });
  apply("destinations: { out: { kind: log } }\nroutes: [{ name: b, to: [out] }]");
  remove("routes", "b");
  save("routes", "c", { to: ["out"] });
  remove("routes", "a");
  expect(names()).toEqual(["routes/c", "routes/b"]);
});
