/** Messages for the tests of destinations. */
import type { Alert } from "../../alert/schema.ts";
import type {
  CaseBrief,
  DestinationContext,
  Digest,
  Exchange,
  Message,
  SendContext,
} from "../destination.ts";
import type { Http } from "../../net/http.ts";
import type { Sockets } from "../../net/sockets.ts";

/** A complete alert; `change` replaces members of it. */
export function alertWith(change: Partial<Alert> = {}): Alert {
  return {
    id: "01JTFYX3M0QK7T1B0S7N9V5R4E",
    number: "ALR-000123",
    key: "kibana.alert.uuid:6f1c",
    source: { name: "kibana", kind: "kibana", vendor: "elastic", product: "kibana", space: "soc" },
    external: { id: "6f1c", url: "https://kibana.lab:5601/app/security/alerts/6f1c" },
    title: "Brute force on web-1",
    description: "Many failed logins from one address, then one that succeeded.",
    reason: "authentication event by bob on web-1 created high alert Brute force.",
    severity: "high",
    severity_original: "high",
    risk_score: 73,
    status: "new",
    status_changed_at: null,
    verdict: null,
    event_time: "2026-05-05T09:58:10.000Z",
    detected_at: "2026-05-05T09:59:00.000Z",
    received_at: "2026-05-05T10:00:00.000Z",
    rule: {
      id: "brute-force",
      uuid: "0b7c2f3e-1111-4222-8333-944455566677",
      name: "Brute force",
      version: "3",
      tags: ["Linux"],
      url: null,
      note: null,
      references: [],
    },
    attack: [
      {
        tactic: { id: "TA0006", name: "Credential Access" },
        technique: { id: "T1110", name: "Brute Force" },
        subtechnique: { id: "T1110.001", name: "Password Guessing" },
      },
    ],
    artifacts: [
      { type: "ip", value: "203.0.113.7", role: "source", field: "source.ip" },
      { type: "url", value: "http://login.example/x", role: "related", field: "url.full" },
      { type: "account", value: "bob", role: "target", field: "user.name" },
    ],
    tags: ["ssh"],
    tlp: "amber",
    pap: null,
    provenance: { repaired: [], flags: [] },
    entities: { hosts: ["web-1"], users: ["bob"], ips: ["203.0.113.7"] },
    fingerprint: "f1",
    count: 1,
    first_seen: "2026-05-05T10:00:00.000Z",
    last_seen: "2026-05-05T10:00:00.000Z",
    case_id: null,
    follows: null,
    parts: [],
    ...change,
  };
}

/** A message about `alertWith()`; `change` replaces members of it. */
export function messageWith(change: Partial<Message> = {}): Message {
  return {
    kind: "alert",
    alert: alertWith(),
    digest: null,
    case: null,
    key: "d_01JTFYX3M0_7",
    thread: null,
    memory: null,
    link: "https://tocsin.lab/alerts/ALR-000123",
    test: false,
    ...change,
  };
}

/** A digest of these alerts, by default three; `change` replaces members of it. */
export function aDigest(change: Partial<Digest> = {}): Digest {
  const alerts = change.alerts ?? [
    alertWith(),
    alertWith({ number: "ALR-000124", title: "Brute force on web-2", status: "acknowledged" }),
    alertWith({ number: "ALR-000125", title: "New service", severity: "low", status: "closed" }),
  ];
  return {
    reason: "group_digest",
    cause: "soc",
    total: alerts.length,
    severity: "high",
    rules: [
      { name: "Brute force", count: 2 },
      { name: "New service", count: 1 },
    ],
    hosts: [{ name: "web-1", count: 3 }],
    alerts,
    ...change,
  };
}

/** A message about a digest of so many of the same alert, its rules and hosts as hostile as it is. */
export function digestMessage(alert: Alert, count: number): Message {
  const tallies = Array.from({ length: 5 }, (_, index) => {
    return { name: `${alert.rule.name} ${index}`, count };
  });
  const alerts = Array.from({ length: count }, () => alert);
  const digest = aDigest({ alerts, cause: alert.title, rules: tallies, hosts: tallies });
  return messageWith({ alert, digest });
}

/** Text that tries to be something else wherever it is shown. */
export const HOSTILE =
  '<!channel> <@U012AB3CD> <https://evil.example|click> *bold* `code` ``` & "quoted" \\ ' +
  "\u001b[31mred\u001b]0;title\u0007\u009b2J \u202egnp.exe\r\nnext line @here :fire: ${x} {{ y }}";

/** The same alert with hostile text wherever an attacker can put some. */
export function hostileAlert(text = HOSTILE): Alert {
  const alert = alertWith();
  const part = { id: text, name: text };
  return {
    ...alert,
    source: { ...alert.source, vendor: text, product: text },
    external: { id: text, url: `https://evil.example/<!channel>|x` },
    title: text,
    description: text,
    reason: `${text} because`,
    rule: { ...alert.rule, id: text, name: text, note: text, tags: [text] },
    attack: [{ tactic: part, technique: part, subtechnique: part }],
    artifacts: [{ type: "other", value: text, role: "related", field: text }],
    tags: [text],
    entities: { hosts: [text], users: [text], ips: [text] },
  };
}

/** The longest alert: every text of `length` characters, every list of `count` entries. */
export function hugeAlert(length = 50_000, count = 500, letter = "x"): Alert {
  const alert = hostileAlert(letter.repeat(length));
  const many = <T>(item: T): T[] => Array.from({ length: count }, () => item);
  const values = Array.from({ length: count }, (_, index) => `${index} ${letter.repeat(length)}`);
  return {
    ...alert,
    external: { id: null, url: `https://kibana.lab/${"p".repeat(2900)}` },
    attack: many(alert.attack[0] ?? { tactic: null, technique: null, subtechnique: null }),
    artifacts: values.map((value) => ({ type: "url", value, role: "related", field: "f" })),
    entities: { hosts: values, users: values, ips: values },
  };
}

export const NOW = Date.UTC(2026, 4, 5, 10, 0, 0);

const withoutNetwork = () => Promise.reject(new RangeError("this test has no network"));
const NO_SOCKETS: Sockets = {
  tcp: withoutNetwork,
  tls: withoutNetwork,
  udp: withoutNetwork,
  tlsOptions: {},
  explain: () => new RangeError("this test has no network"),
  timeout: 1000,
};

/** A case with a title that an attacker wrote. */
export function caseWith(change: Partial<CaseBrief> = {}): CaseBrief {
  return {
    id: "CASE-000012",
    title: "Brute force on web-1",
    status: "new",
    severity: "high",
    owner: null,
    alert_count: 3,
    link: "https://tocsin.lab/cases/CASE-000012",
    ...change,
  };
}

/** A context that collects what is printed. */
export function contextWith(change: Partial<DestinationContext> = {}) {
  const printed: string[] = [];
  const http: Http = {
    request: () => Promise.reject(new RangeError("this test has no network")),
    close: async () => {},
  };
  const context: DestinationContext = {
    name: "soc",
    http,
    sockets: NO_SOCKETS,
    cluster: null,
    resolvePath: (path) => path,
    print: (line) => void printed.push(line),
    now: () => NOW,
    ...change,
  };
  return { context, printed };
}

/** A sending context that collects what is recorded. */
export function sendingWith(signal = new AbortController().signal) {
  const exchanges: Exchange[] = [];
  const sending: SendContext = { signal, record: (each) => void exchanges.push(each) };
  return { sending, exchanges };
}
