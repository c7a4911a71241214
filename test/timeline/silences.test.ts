import { describe, it } from "vitest";
import { applyChange } from "../../src/app/changes/change.ts";
import type { SilenceChange, SilenceWish } from "../../src/silence/wish.ts";
import { happens, isoAt, on, setStatus, WHO } from "./events.ts";
import { timeline, type Line, type World } from "./timeline.ts";

function configuration(silences = "", route = ""): string {
  return `
sources: { in: { kind: generic } }
destinations: { soc: { kind: log }, ops: { kind: log } }
silences: [${silences}]
routes:
  - { name: soc, match: "not source.kind : tocsin", to: [soc]${route} }
  - { name: operators, to: [ops] }
`;
}

/** From one hour after the start to two hours after it. */
const WINDOW = `match: "host.name : web-*", from: "${isoAt("1h")}", until: "${isoAt("2h")}"`;
const PLAIN = `{ name: work, ${WINDOW}, comment: patching }`;
const DIGEST = `{ name: work, ${WINDOW}, comment: patching, at_end: digest }`;

const web = (line: Line, at: string, title: string, fields = {}) =>
  happens(line, at, title, { "host.name": "web-1", ...fields });
const tells = (line: Line, at: string, title: string, rest = {}) =>
  line.want(at, { to: "soc", title, ...rest });

const by = ({ clock }: World) => ({ who: WHO, now: clock.now() });

/** Somebody makes the silence `S-1`. */
function silence(world: World, asked: Partial<SilenceWish> = {}): void {
  const base = { match: "host.name : web-*", comment: "patching", at_end: "digest" } as const;
  const wish = { ...base, ...asked };
  world.change((database) => applyChange(database, "silence.add", { wish }, by(world)));
}

function edit(world: World, change: SilenceChange): void {
  const asked = { silence: "S-1", change };
  world.change((database) => applyChange(database, "silence.change", asked, by(world)));
}

function end(world: World): void {
  const asked = { silence: "S-1" };
  world.change((database) => applyChange(database, "silence.end", asked, by(world)));
}

describe("a silence", () => {
  it("hides what matches from its beginning to before its end, for good", () =>
    timeline(configuration(PLAIN), (line) => {
      for (const at of ["3599s", "3600s", "7199s", "7200s"]) web(line, at, `at ${at}`);
      happens(line, "90m", "other host", { "host.name": "db-1" });
      tells(line, "3599s", "at 3599s");
      tells(line, "90m", "other host");
      tells(line, "7200s", "at 7200s");
    }));

  it("ends with one digest of what is still open, when it says so", () =>
    timeline(configuration(DIGEST), (line) => {
      for (const at of ["61m", "70m", "80m"]) web(line, at, `at ${at}`);
      line.meanwhile("81m", (world) => setStatus(world, "closed", "ALR-000002"));
      tells(line, "2h", "at 61m", { alerts: 2 });
    }));

  it("ends with the plain alert when only one is open", () =>
    timeline(configuration(DIGEST), (line) => {
      web(line, "61m", "A");
      tells(line, "2h", "A");
    }));

  it("ends without a word when everything was closed", () =>
    timeline(configuration(DIGEST), (line) => {
      web(line, "61m", "A");
      line.meanwhile("62m", (world) => setStatus(world, "closed", "ALR-000001"));
    }));

  it("tells at its end of what was acknowledged, for it is open", () =>
    timeline(configuration(DIGEST), (line) => {
      web(line, "61m", "A");
      line.meanwhile("62m", (world) => setStatus(world, "acknowledged", "ALR-000001"));
      tells(line, "2h", "A");
    }));

  it("keeps what it hid over a restart", () =>
    timeline(configuration(DIGEST), (line) => {
      web(line, "61m", "A");
      web(line, "62m", "B");
      line.meanwhile("90m", (world) => world.restart());
      tells(line, "2h", "A", { alerts: 2 });
    }));

  it("hands over to another one that still holds it", () => {
    const longer = `{ name: longer, match: "severity : low", from: "${isoAt("1h")}",
      until: "${isoAt("3h")}", comment: noise, at_end: digest }`;
    return timeline(configuration(`${DIGEST}, ${longer}`), (line) => {
      web(line, "61m", "low", { severity: "low" });
      web(line, "62m", "high", { severity: "high" });
      tells(line, "2h", "high");
      tells(line, "3h", "low");
    });
  });

  it("that lasts longer may hold for good what the one before called back", () => {
    const longer = `{ name: longer, match: "severity : low", until: "${isoAt("3h")}", comment: noise }`;
    return timeline(configuration(`${DIGEST}, ${longer}`), (line) => {
      web(line, "61m", "low", { severity: "low" });
      web(line, "62m", "high", { severity: "high" });
      tells(line, "2h", "high");
    });
  });

  it("is announced to operators before it ends", () => {
    const reminded = PLAIN.replace("comment:", "remind: 15m, comment:");
    return timeline(configuration(reminded), (line) => {
      line.want("105m", { to: "ops", title: `Silence work ends at ${isoAt("2h")}` });
    });
  });
});

describe("a silence made by hand", () => {
  it("begins at once and hides for as long as it says", () =>
    timeline(configuration(), (line) => {
      web(line, "59s", "before");
      line.meanwhile("60s", (world) => silence(world, { for: 3_600_000 }));
      web(line, "61s", "A");
      web(line, "2m", "B");
      web(line, "62m", "after");
      tells(line, "59s", "before");
      tells(line, "61m", "A", { alerts: 2 });
      tells(line, "62m", "after");
    }));

  it("tells of what it hid at once when it is ended early", () =>
    timeline(configuration(), (line) => {
      line.meanwhile("0s", (world) => silence(world, { for: 3_600_000 }));
      web(line, "1m", "A");
      web(line, "2m", "B");
      line.meanwhile("10m", end);
      web(line, "11m", "after");
      tells(line, "10m", "A", { alerts: 2 });
      tells(line, "11m", "after");
    }));

  it("without an end tells when it is ended", () =>
    timeline(configuration(), (line) => {
      line.meanwhile("0s", (world) => silence(world));
      web(line, "1m", "A");
      line.meanwhile("2d", end);
      tells(line, "2d", "A");
    }));

  it("tells nothing when it is ended early and does not say so", () =>
    timeline(configuration(), (line) => {
      line.meanwhile("0s", (world) => silence(world, { for: 3_600_000, at_end: "nothing" }));
      web(line, "1m", "A");
      line.meanwhile("10m", end);
      web(line, "11m", "after");
      tells(line, "11m", "after");
    }));

  it.each([
    ["longer", "3h"],
    ["shorter", "30m"],
  ])("tells at its new end when it is made %s", (_, until) =>
    timeline(configuration(), (line) => {
      line.meanwhile("0s", (world) => silence(world, { for: 3_600_000 }));
      web(line, "1m", "A");
      line.meanwhile("10m", (world) => edit(world, { until: isoAt(until) }));
      web(line, "20m", "B");
      tells(line, until, "A", { alerts: 2 });
    }),
  );

  it("hides from then on what its new matcher says", () =>
    timeline(configuration(), (line) => {
      line.meanwhile("0s", (world) => silence(world, { for: 3_600_000 }));
      web(line, "1m", "A");
      line.meanwhile("10m", (world) => edit(world, { match: "host.name : db-*" }));
      web(line, "20m", "B");
      happens(line, "21m", "C", { "host.name": "db-1" });
      tells(line, "20m", "B");
      tells(line, "1h", "A", { alerts: 2 });
    }));
});

describe("a recurring silence", () => {
  const weekly = (rest: string) =>
    `{ name: weekly, match: "host.name : web-*", time_zone: Europe/Berlin, comment: work, ${rest} }`;

  it("comes again at the same time of day after the clock was changed", () => {
    const tuesdays = weekly('cron: "0 22 * * 2", for: 4h');
    return timeline(configuration(tuesdays), (line) => {
      // 2026-03-24 is before the change, 2026-03-31 after it.
      web(line, on("2026-03-24T20:59:59Z"), "A");
      web(line, on("2026-03-24T21:00:00Z"), "hidden");
      web(line, on("2026-03-25T00:59:59Z"), "hidden too");
      web(line, on("2026-03-25T01:00:00Z"), "B");
      web(line, on("2026-03-31T19:59:59Z"), "C");
      web(line, on("2026-03-31T20:00:00Z"), "hidden again");
      web(line, on("2026-04-01T00:00:00Z"), "D");
      tells(line, on("2026-03-24T20:59:59Z"), "A");
      tells(line, on("2026-03-25T01:00:00Z"), "B");
      tells(line, on("2026-03-31T19:59:59Z"), "C");
      tells(line, on("2026-04-01T00:00:00Z"), "D");
    });
  });

  it("lasts as long as it says when the clock jumps inside it", () => {
    // On 2026-03-29 it is 03:00 in Berlin after 01:59:59.
    const sundays = weekly('cron: "30 1 * * 0", for: 2h, at_end: digest');
    return timeline(configuration(sundays), (line) => {
      web(line, on("2026-03-29T00:29:59Z"), "before");
      web(line, on("2026-03-29T00:30:00Z"), "A");
      web(line, on("2026-03-29T01:30:00Z"), "B");
      web(line, on("2026-03-29T02:29:59Z"), "C");
      web(line, on("2026-03-29T02:30:01Z"), "after");
      tells(line, on("2026-03-29T00:29:59Z"), "before");
      tells(line, on("2026-03-29T02:30:00Z"), "A", { alerts: 3 });
      tells(line, on("2026-03-29T02:30:01Z"), "after");
    });
  });

  it("lasts as long as it says, once, when the clock is put back inside it", () => {
    // On 2026-10-25 it is 02:00 in Berlin after 02:59:59.
    const sundays = weekly('cron: "30 1 * * 0", for: 2h, at_end: digest');
    return timeline(configuration(sundays), (line) => {
      web(line, on("2026-10-24T23:29:59Z"), "before");
      web(line, on("2026-10-24T23:30:00Z"), "A");
      web(line, on("2026-10-25T01:29:59Z"), "B");
      web(line, on("2026-10-25T01:30:01Z"), "after");
      tells(line, on("2026-10-24T23:29:59Z"), "before");
      tells(line, on("2026-10-25T01:30:00Z"), "A", { alerts: 2 });
      tells(line, on("2026-10-25T01:30:01Z"), "after");
    });
  });

  it("tells at the end of each of its windows", () => {
    const nights = weekly('cron: "0 22 * * *", for: 4h, at_end: digest');
    return timeline(configuration(nights), (line) => {
      web(line, on("2026-03-02T22:00:00Z"), "A");
      web(line, on("2026-03-03T22:00:00Z"), "B");
      web(line, on("2026-03-03T23:00:00Z"), "C");
      tells(line, on("2026-03-03T01:00:00Z"), "A");
      tells(line, on("2026-03-04T01:00:00Z"), "B", { alerts: 2 });
    });
  });

  it("survives a restart inside a window", () => {
    const nights = weekly('cron: "0 22 * * *", for: 4h, at_end: digest');
    return timeline(configuration(nights), (line) => {
      web(line, on("2026-03-02T22:00:00Z"), "A");
      line.meanwhile(on("2026-03-02T23:00:00Z"), (world) => world.restart());
      web(line, on("2026-03-03T00:59:59Z"), "B");
      tells(line, on("2026-03-03T01:00:00Z"), "A", { alerts: 2 });
    });
  });
});
