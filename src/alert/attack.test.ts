import { describe, expect, it } from "vitest";
import { mergeAttack, readAttackIds, readThreat } from "./attack.ts";

const part = (id: string, name: string | null = null) => ({ id, name });
const bruteForce = {
  tactic: { id: "TA0006", name: "Credential Access", reference: "https://example.org" },
  technique: [
    {
      id: "T1110",
      name: "Brute Force",
      subtechnique: [
        { id: "T1110.001", name: "Password Guessing" },
        { id: "T1110.003", name: "Password Spraying" },
      ],
    },
  ],
};

describe("readThreat", () => {
  it("gives one entry per leaf", () => {
    const tactic = part("TA0006", "Credential Access");
    const technique = part("T1110", "Brute Force");
    expect(readThreat([bruteForce])).toEqual([
      { tactic, technique, subtechnique: part("T1110.001", "Password Guessing") },
      { tactic, technique, subtechnique: part("T1110.003", "Password Spraying") },
    ]);
  });

  it("accepts a tactic without techniques and names it", () => {
    const expected = [{ tactic: part("TA0040", "Impact"), technique: null, subtechnique: null }];
    expect(readThreat({ tactic: { id: "TA0040" } })).toEqual(expected);
    expect(readThreat({ tactic: { id: "TA0040" }, technique: [] })).toEqual(expected);
  });

  it("takes pivoted leaves apart, giving each sub-technique to its technique", () => {
    const threat = {
      tactic: { id: ["TA0003"], name: ["Persistence"] },
      technique: { id: ["T1053", "T1547"], subtechnique: { id: ["T1053.005"] } },
    };
    const tactic = part("TA0003", "Persistence");
    expect(readThreat(threat)).toEqual([
      { tactic, technique: part("T1053"), subtechnique: part("T1053.005") },
      { tactic, technique: part("T1547"), subtechnique: null },
    ]);
  });

  it("claims no pair where several pivoted tactics leave it open", () => {
    const threat = {
      tactic: { id: ["TA0002", "TA0005"] },
      technique: { id: ["T1027"], name: ["Obfuscation"] },
    };
    expect(readThreat(threat)).toEqual([
      { tactic: part("TA0002", "Execution"), technique: null, subtechnique: null },
      { tactic: part("TA0005", "Defense Evasion"), technique: null, subtechnique: null },
      { tactic: null, technique: part("T1027", "Obfuscation"), subtechnique: null },
    ]);
  });

  it("finds the technique of a sub-technique that is listed as a technique", () => {
    expect(readThreat({ technique: { id: ["T1204.002"], name: ["Malicious File"] } })).toEqual([
      { tactic: null, technique: part("T1204"), subtechnique: part("T1204.002", "Malicious File") },
    ]);
  });

  it.each([null, undefined, 3, "x", [], {}, [null, 7], { tactic: "TA" }, { technique: [{}] }])(
    "finds nothing in %j",
    (value) => expect(readThreat(value)).toEqual([]),
  );
});

describe("readAttackIds", () => {
  it("finds ids in tags, in any case, and the technique of a sub-technique", () => {
    const found = readAttackIds(["Windows", "attack.t1059.001", ["TA0006"], "see T1110 and T1486"]);
    expect(found).toEqual([
      { tactic: null, technique: part("T1059"), subtechnique: part("T1059.001") },
      { tactic: part("TA0006", "Credential Access"), technique: null, subtechnique: null },
      { tactic: null, technique: part("T1110"), subtechnique: null },
      { tactic: null, technique: part("T1486"), subtechnique: null },
    ]);
  });

  it("reads a Sigma tactic tag", () =>
    expect(readAttackIds("attack.privilege_escalation")[0]?.tactic?.id).toBe("TA0004"));

  it.each(["T11100", "XT1110", "T1110.1", "attack.g0016", "RT1110x", 5, null])(
    "finds no id in %j",
    (value) => {
      const ids = readAttackIds(value).map(
        (entry) => entry.subtechnique?.id ?? entry.technique?.id,
      );
      expect(ids).toEqual(value === "T1110.1" ? ["T1110"] : []);
    },
  );
});

describe("mergeAttack", () => {
  it("drops what another entry says more fully, whichever comes first", () => {
    const full = readThreat([bruteForce]);
    expect(mergeAttack(full, readAttackIds(["T1110", "T1110.001", "TA0006"]))).toEqual(full);
    expect(mergeAttack(readAttackIds(["T1110", "TA0006"]), full)).toEqual(full);
  });

  it("keeps one of two equal entries and every known name", () => {
    const bare = readAttackIds("T1110");
    const named = readThreat({ technique: [{ id: "T1110", name: "Brute Force" }] });
    expect(mergeAttack(bare, named)).toEqual(named);
    expect(mergeAttack(named, bare)).toEqual(named);
  });
});
