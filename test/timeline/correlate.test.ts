import { describe, expect, it } from "vitest";
import { alertAt, happens, isoAt } from "./events.ts";
import { timeline, type Line } from "./timeline.ts";

const COUNT = `{ name: brute-force, match: 'rule.name : "Failed login"', count: "> 2", by: [user.name], within: 5m, severity: critical, title: "Brute force" }`;
const SEQUENCE = `{ name: dump, sequence: ['rule.name : "Failed login"', 'rule.name : "LSASS dump"'], by: [host.name], within: 10m, severity: critical, title: "Dump after login" }`;

/** Only matches are told of. */
function configuration(policies: string): string {
  return `
sources: { in: { kind: generic } }
destinations: { soc: { kind: log } }
correlate: [${policies}]
routes: [{ name: soc, match: "severity : critical", to: [soc] }]
`;
}

/** What came at one time happened at another: `came` and `happened`. */
function failed(line: Line, came: string, happened = came, fields = {}): void {
  happens(line, came, "Failed login", {
    "rule.name": "Failed login",
    "user.name": "ann",
    "host.name": "h",
    "@timestamp": isoAt(happened),
    ...fields,
  });
}
function dumped(line: Line, came: string, happened = came, fields = {}): void {
  failed(line, came, happened, { "rule.name": "LSASS dump", ...fields });
}
const matches = (line: Line, at: string, title = "Brute force") =>
  line.want(at, { to: "soc", title });

describe("a count", () => {
  it("is a match when there are more than it says, told of at once, with its parts", () =>
    timeline(configuration(COUNT), (line) => {
      for (const at of ["0s", "1m", "2m"]) failed(line, at);
      matches(line, "2m");
      line.meanwhile("3m", (world) => {
        const parts = [1, 2, 3].map((position) => alertAt(world, position).id);
        expect(alertAt(world, 4)).toMatchObject({
          title: "Brute force",
          severity: "critical",
          event_time: isoAt("2m"),
          parts,
        });
      });
    }));

  it("is one for each value", () =>
    timeline(configuration(COUNT), (line) => {
      for (const at of ["0s", "1m"]) failed(line, at);
      for (const at of ["2m", "3m"]) failed(line, at, at, { "user.name": "bob" });
      failed(line, "4m");
      failed(line, "250s", "250s", { "user.name": undefined });
      matches(line, "4m");
    }));

  it("includes the edge of its window, and nothing a second beyond", () =>
    timeline(configuration(COUNT), (line) => {
      for (const at of ["0s", "1m", "5m"]) failed(line, at);
      matches(line, "5m");
      for (const at of ["20m", "21m", "1501s"]) failed(line, at);
    }));

  it("slides: nothing is missed at the border of two spans", () =>
    timeline(configuration(COUNT), (line) => {
      failed(line, "0s");
      for (const at of ["299s", "301s", "598s"]) failed(line, at);
      // From 299 s to 598 s; with the one at 0 s there is no such span.
      matches(line, "598s");
    }));

  it("uses its parts up: the next match needs as many again", () =>
    timeline(configuration(COUNT), (line) => {
      for (const at of ["0s", "10s", "20s", "30s", "40s", "50s"]) failed(line, at);
      matches(line, "20s");
      matches(line, "50s");
    }));

  it("finds what belongs together though it comes ten minutes late", () =>
    timeline(configuration(COUNT), (line) => {
      failed(line, "10m", "1m");
      failed(line, "11m", "11m");
      failed(line, "12m", "2m");
      failed(line, "13m", "3m");
      matches(line, "13m");
    }));

  it("does not count what came together but happened apart", () =>
    timeline(configuration(COUNT), (line) => {
      failed(line, "20m", "0s");
      failed(line, "1201s", "5m");
      failed(line, "1202s", "601s");
    }));

  it("goes on counting over a restart", () =>
    timeline(configuration(COUNT), (line) => {
      for (const at of ["0s", "1m"]) failed(line, at);
      line.meanwhile("90s", (world) => world.restart());
      failed(line, "2m");
      matches(line, "2m");
    }));
});

describe("a sequence", () => {
  const title = "Dump after login";

  it("is a match when its steps come in their order, on one host", () =>
    timeline(configuration(SEQUENCE), (line) => {
      failed(line, "0s");
      dumped(line, "1m", "1m", { "host.name": "i" });
      dumped(line, "2m");
      matches(line, "2m", title);
    }));

  it("is none the other way round", () =>
    timeline(configuration(SEQUENCE), (line) => {
      dumped(line, "0s");
      failed(line, "1m");
    }));

  it("goes by when its steps happened, however they come", () =>
    timeline(configuration(SEQUENCE), (line) => {
      dumped(line, "10m", "10m");
      failed(line, "20m", "9m");
      matches(line, "20m", title);
    }));

  it("includes the edge of its window, and nothing a second beyond", () =>
    timeline(configuration(SEQUENCE), (line) => {
      failed(line, "0s");
      dumped(line, "10m");
      failed(line, "1h");
      dumped(line, "4201s");
      matches(line, "10m", title);
    }));

  it("goes on over a restart", () =>
    timeline(configuration(SEQUENCE), (line) => {
      failed(line, "0s");
      line.meanwhile("1m", (world) => world.restart());
      dumped(line, "2m");
      matches(line, "2m", title);
    }));
});
