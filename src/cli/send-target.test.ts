import { describe, expect, it } from "vitest";
import { addressFor, sourceOfKind } from "./send-target.ts";

describe("the source of a kind", () => {
  const sources = {
    first: { kind: "superna" },
    second: { kind: "superna" },
    kibana: { kind: "generic" },
    splunk: { kind: "splunk" },
    other: { kind: "splunk" },
  };
  it.each([
    ["superna", "first"],
    ["generic", "kibana"],
    ["splunk", "splunk"],
    ["elastic", "elastic"],
  ])("%s is %s", (kind, expected) => {
    expect(sourceOfKind(kind, { sources })).toBe(expected);
  });

  it("is the name of the kind where there is no configuration, or none that can be understood", () => {
    expect(sourceOfKind("superna", {})).toBe("superna");
    expect(sourceOfKind("superna", { sources: ["superna"] })).toBe("superna");
    expect(sourceOfKind("superna", { sources: { a: "superna" } })).toBe("superna");
  });
});

describe("what is posted to", () => {
  const at = (own: unknown, main?: unknown) =>
    addressFor("storage", { listen: main, sources: { storage: { listen: own } } });

  it.each([
    ["127.0.0.1:5000", "http://127.0.0.1:5000"],
    ["localhost:5000", "http://localhost:5000"],
    ["0.0.0.0:5000", "http://127.0.0.1:5000"],
    ["[::]:5000", "http://[::1]:5000"],
    ["[fd00::7]:5000", "http://[fd00::7]:5000"],
  ])("of the listener %s is %s", (own, expected) => {
    expect(at(own, "127.0.0.1:9000")).toBe(expected);
  });

  it("is the main listener where the source has none of its own", () => {
    expect(at(undefined, "127.0.0.1:9000")).toBe("http://127.0.0.1:9000");
    expect(addressFor("other", { listen: "127.0.0.1:9000" })).toBe("http://127.0.0.1:9000");
  });

  it.each([undefined, 5000, "127.0.0.1:0", "${env:LISTEN}", "nonsense"])(
    "is the default where %j stands",
    (listen) => {
      expect(at(listen, listen)).toBe("http://127.0.0.1:7373");
    },
  );
});
