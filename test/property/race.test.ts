/** Two pipelines on one database make what one would make: one case, one alert, one message. */
import { describe, expect, it } from "vitest";
import { dice, seeds } from "./dice.ts";
import { onTrack, type Share } from "./racers.ts";

const EVENTS = 24;
const HOSTS = ["h1", "h2", "h3"];
const MINUTE = 60_000;

function configuration(policies: string, route = ""): string {
  return `
sources: { in: { kind: generic } }
destinations: { soc: { kind: log }, pager: { kind: log } }
${policies}
routes: [{ name: all, to: [soc, pager]${route} }]
`;
}

/** So many of each host, one after the other. */
const bodies = Array.from({ length: EVENTS }, (_, index) => ({
  title: `event ${index + 1}`,
  "rule.name": "Login",
  "host.name": HOSTS[index % HOSTS.length],
}));
const EACH = EVENTS / HOSTS.length;

const SHARES: readonly Share[] = ["same", "halves"];
const runs = seeds(4).flatMap((seed) => SHARES.map((share) => [share, seed] as const));

describe.each(runs)("two pipelines over %s of a log (seed %i)", (share, seed) => {
  const race = (yaml: string, run: Parameters<typeof onTrack>[3]) =>
    onTrack(yaml, bodies, dice(seed), async (track) => {
      await track.race(share);
      await run(track);
      expect(track.audit().gaps).toEqual([]);
      const { decided_to, in_flight, outcomes } = track.audit();
      expect({ decided_to, entries: in_flight.entries }).toEqual({
        decided_to: EVENTS,
        entries: 0,
      });
      expect(outcomes.alert + outcomes.repeat).toBe(EVENTS);
    });

  it("open one case for each key and count every alert once", () =>
    race(configuration("cases: [{ name: host, group_by: [host.name] }]"), async (track) => {
      const cases = track.all(
        "SELECT document ->> 'key' AS key, document ->> 'alert_count' AS alerts FROM cases ORDER BY key",
      );
      expect(cases).toEqual(HOSTS.map((key) => ({ key, alerts: EACH })));
      const members = track.all("SELECT count(*) AS alerts FROM alerts GROUP BY case_number");
      expect(members).toEqual(HOSTS.map(() => ({ alerts: EACH })));
    }));

  it("open one alert for each key and count every repeat once", () =>
    race(configuration("fold: [{ name: host, by: [host.name] }]"), async (track) => {
      const alerts = track.all(
        `SELECT document ->> '$.entities.hosts[0]' AS host, document ->> 'count' AS count
         FROM alerts ORDER BY host`,
      );
      expect(alerts).toEqual(HOSTS.map((host) => ({ host, count: EACH })));
      const messages = track.all("SELECT destination FROM deliveries");
      expect(messages).toHaveLength(2 * HOSTS.length);
    }));

  it("send one message for each group and destination, though both fire its timer", () =>
    race(configuration("", ", group_by: [host.name]"), async (track) => {
      expect(track.all("SELECT id FROM deliveries WHERE hold IS NULL")).toEqual([]);
      await track.fire(MINUTE);
      const messages = track.all(
        `SELECT destination, digest, (SELECT count(*) FROM deliveries AS folded
           WHERE folded.into_delivery = sent.id AND folded.state = 'folded') AS folded
         FROM deliveries AS sent WHERE state = 'pending' AND hold IS NULL ORDER BY destination`,
      );
      expect(messages).toEqual(
        ["pager", "soc"].flatMap((destination) =>
          HOSTS.map(() => ({ destination, digest: "group_digest", folded: EACH - 1 })),
        ),
      );
    }));

  it("tell of every alert once, though timers come in between", () => {
    const group = "group_by: [host.name], group_wait: 2s, group_interval: 4s";
    return race(configuration("", `, ${group}`), async (track) => {
      await track.fire(MINUTE);
      const told = track.all<{ told: number; waiting: number }>(
        `SELECT count(*) AS told, sum(hold IS NOT NULL) AS waiting FROM deliveries AS d
         WHERE state = 'pending' OR (state = 'folded' AND EXISTS (
           SELECT 1 FROM deliveries AS c WHERE c.id = d.into_delivery AND c.state = 'pending'))`,
      );
      expect(told).toEqual([{ told: 2 * EVENTS, waiting: 0 }]);
    });
  });

  it("let no more out than a limit allows", () =>
    race(configuration("", ", limit: { max: 2, per: 1h, by: [host.name] }"), async (track) => {
      const sent = () =>
        track.all("SELECT id FROM deliveries WHERE state = 'pending' AND hold IS NULL");
      expect(sent()).toHaveLength(2 * HOSTS.length * 2);
      await track.fire(120 * MINUTE);
      expect(sent()).toHaveLength(2 * HOSTS.length * 3);
    }));

  it("raise each match once, and use every event for one at most", () => {
    const policy = "{ name: many, count: '>= 4', by: [host.name], within: 1h }";
    return race(configuration(`correlate: [${policy}]`), async (track) => {
      const notices = track.all<{ key: string; body: string }>("SELECT key, body FROM notices");
      const parts = notices.flatMap(({ body }) => (JSON.parse(body) as { parts: object[] }).parts);
      expect(notices).toHaveLength(EVENTS / 4);
      expect(new Set(parts.map((part) => JSON.stringify(part))).size).toBe(EVENTS);
    });
  });
});
