import { describe, expect, it } from "vitest";
import { kibanaOf, nodesOf, readCloudId } from "./addresses.ts";

const encode = (text: string) => Buffer.from(text).toString("base64");

describe("a Cloud ID", () => {
  it.each([
    ["h.test$es$kb", "https://es.h.test", "https://kb.h.test"],
    ["h.test:443$es$kb", "https://es.h.test", "https://kb.h.test"],
    ["h.test:9243$es$kb", "https://es.h.test:9243", "https://kb.h.test:9243"],
    ["h.test:9243$es:9201$kb:5602", "https://es.h.test:9201", "https://kb.h.test:5602"],
    ["h.test$es$", "https://es.h.test", null],
    ["h.test$es$undefined", "https://es.h.test", null],
    ["h.test$es", "https://es.h.test", null],
  ])("of %s leads to %s and %s", (decoded, elasticsearch, kibana) => {
    expect(readCloudId(`lab:${encode(decoded)}`)).toEqual({ elasticsearch, kibana });
  });

  it("may have a name with colons, or none", () => {
    const known = { elasticsearch: "https://es.h.test", kibana: "https://kb.h.test" };
    expect(readCloudId(`a:b:${encode("h.test$es$kb")}`)).toEqual(known);
    expect(readCloudId(encode("h.test$es$kb"))).toEqual(known);
  });

  it.each([
    "",
    "lab:",
    "lab:%%%",
    `lab:${encode("h.test")}`,
    `lab:${encode("$es$kb")}`,
    `lab:${encode("h.test$es/../x$kb")}`,
    `lab:${encode("h.test$me:pw@es$kb")}`,
    `lab:${encode("h.test$es$kb?x")}`,
  ])("is not %j", (text) => {
    expect(readCloudId(text)).toBeUndefined();
  });
});

describe("the addresses of a cluster", () => {
  const cloud_id = `lab:${encode("h.test$es$kb")}`;

  it.each([
    [{ url: "https://a.lab:9200/es/" }, ["https://a.lab:9200/es"]],
    [{ url: ["https://a.lab", "https://b.lab/"] }, ["https://a.lab", "https://b.lab"]],
    [{ url: ["https://a.lab", "https://a.lab/"] }, ["https://a.lab"]],
    [{ cloud_id }, ["https://es.h.test"]],
  ])("of %j are %j", (settings, nodes) => {
    expect(nodesOf(settings)).toEqual(nodes);
  });

  it.each([
    [{}, undefined],
    [{ kibana: "https://kb.lab/" }, "https://kb.lab"],
    [{ cloud_id }, "https://kb.h.test"],
    [{ cloud_id, kibana: "https://kb.lab" }, "https://kb.lab"],
    [{ cloud_id: `lab:${encode("h.test$es$")}` }, undefined],
  ])("of %j have the Kibana %s", (settings, kibana) => {
    expect(kibanaOf(settings)).toBe(kibana);
  });
});
