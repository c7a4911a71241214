import { describe, it } from "vitest";
import { happens, setStatus } from "./events.ts";
import { timeline, type Line } from "./timeline.ts";

const CONFIGURATION = `
sources: { in: { kind: generic } }
destinations: { soc: { kind: log } }
fold: [{ name: same, match: 'rule.name : "Host isolated"', by: [rule.name, host.name], window: 1d }]
inhibit:
  - name: isolated
    while: 'rule.name : "Host isolated"'
    mute: "severity <= medium"
    equal: [host.name]
routes: [{ name: soc, to: [soc] }]
`;

const isolated = (line: Line, at: string, title: string, fields = {}) =>
  happens(line, at, title, {
    "rule.name": "Host isolated",
    "host.name": "h",
    severity: "high",
    ...fields,
  });
const low = (line: Line, at: string, title: string, fields = {}) =>
  happens(line, at, title, { "host.name": "h", severity: "low", ...fields });
const tells = (line: Line, at: string, title: string) => line.want(at, { to: "soc", title });

describe("an open alert that inhibits", () => {
  it("mutes what matches on the same host, and nothing else", () =>
    timeline(CONFIGURATION, (line) => {
      isolated(line, "0s", "isolated");
      low(line, "1m", "muted");
      low(line, "2m", "severe", { severity: "high" });
      low(line, "3m", "other host", { "host.name": "i" });
      tells(line, "0s", "isolated");
      tells(line, "2m", "severe");
      tells(line, "3m", "other host");
    }));

  it("mutes nothing that came before it", () =>
    timeline(CONFIGURATION, (line) => {
      low(line, "0s", "before");
      isolated(line, "0s", "isolated");
      tells(line, "0s", "before");
      tells(line, "0s", "isolated");
    }));

  it("mutes nothing once it is closed, and what it muted is not told of then", () =>
    timeline(CONFIGURATION, (line) => {
      isolated(line, "0s", "isolated");
      low(line, "1m", "muted");
      line.meanwhile("2m", (world) => setStatus(world, "closed", "ALR-000001"));
      low(line, "3m", "after");
      tells(line, "0s", "isolated");
      tells(line, "3m", "after");
    }));

  it("mutes while it is acknowledged, for it is open", () =>
    timeline(CONFIGURATION, (line) => {
      isolated(line, "0s", "isolated");
      line.meanwhile("1m", (world) => setStatus(world, "acknowledged", "ALR-000001"));
      low(line, "2m", "muted");
      tells(line, "0s", "isolated");
    }));

  it("mutes again once it is reopened", () =>
    timeline(CONFIGURATION, (line) => {
      isolated(line, "0s", "isolated");
      line.meanwhile("1m", (world) => setStatus(world, "closed", "ALR-000001"));
      line.meanwhile("2m", (world) => setStatus(world, "new", "ALR-000001"));
      low(line, "3m", "muted");
      tells(line, "0s", "isolated");
    }));

  it("mutes by its repeats too, and a follower of it when it was closed", () =>
    timeline(CONFIGURATION, (line) => {
      isolated(line, "0s", "isolated");
      line.meanwhile("1m", (world) => setStatus(world, "closed", "ALR-000001"));
      isolated(line, "2m", "again");
      isolated(line, "3m", "and again");
      low(line, "4m", "muted");
      tells(line, "0s", "isolated");
      tells(line, "2m", "again");
    }));

  it("mutes nobody without a host, even when it has none either", () =>
    timeline(CONFIGURATION, (line) => {
      isolated(line, "0s", "isolated", { "host.name": undefined });
      low(line, "1m", "A", { "host.name": undefined });
      low(line, "2m", "B");
      tells(line, "0s", "isolated");
      tells(line, "1m", "A");
      tells(line, "2m", "B");
    }));

  it("does not mute itself", () =>
    timeline(CONFIGURATION, (line) => {
      isolated(line, "0s", "isolated", { severity: "low" });
      low(line, "1m", "muted");
      tells(line, "0s", "isolated");
    }));

  it("mutes over a restart", () =>
    timeline(CONFIGURATION, (line) => {
      isolated(line, "0s", "isolated");
      line.meanwhile("1m", (world) => world.restart());
      low(line, "2m", "muted");
      tells(line, "0s", "isolated");
    }));
});
