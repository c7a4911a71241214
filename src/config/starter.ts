/** The configuration that `tocsin init` writes. */

/** A kind of source that is sent to, as the configuration shows it. */
interface SourceKind {
  readonly kind: string;
  readonly summary: string;
}

/**
 * Text of a commented `tocsin.yaml` that does what the defaults do and shows what comes next. It has a
 * source of each of the kinds.
 */
export function starterConfiguration(kinds: readonly SourceKind[]): string {
  const width = Math.max(...kinds.map((each) => lineOf(each).length));
  const lines = kinds.map((each) => `${lineOf(each).padEnd(width)}    # ${each.summary}`);
  return STARTER.replace("  SOURCES", () => lines.join("\n"));
}

function lineOf({ kind }: SourceKind): string {
  return `  ${kind}: { kind: ${kind} }`;
}

const STARTER = `# Configuration of Tocsin. Check it with: tocsin check
#
# Durations are written 30s, 10m, 3d; sizes 10MiB. Paths are relative to this file.
# Secrets are references: \${env:NAME} or \${file:path}. Every other setting and its default is in
# docs/reference/configuration.md.

listen: 127.0.0.1:7373          # behind a reverse proxy keep it so; 0.0.0.0:7373 for all interfaces
data: ./data                    # everything Tocsin keeps; back this folder up
# public_url: https://tocsin.example.org    # messages link to it

# Where alerts come from. A sender posts to /v1/ingest/<name> with a key:
#   tocsin key create --name <who> --scope ingest --source <name>
sources:
  SOURCES

  # A sender that cannot set headers gets a secret path: /v1/ingest/storage/t/<token>
  # storage: { kind: superna, token: "\${env:STORAGE_TOKEN}" }

# Where alerts go.
destinations:
  file: { kind: file, path: ./data/delivered.ndjson }
  terminal: { kind: log }

  # soc-slack: { kind: slack, webhook_url: "\${env:SLACK_WEBHOOK}" }
  # ticketing:
  #   kind: webhook
  #   url: https://tickets.example.org/hooks/tocsin

# One event is one alert and one message, unless these say otherwise. Try them with: tocsin plan
#
# fold:         # the same again within an hour is a repeat of one alert
#   - { name: same-again, window: 1h }
# cases:        # what happens on one host belongs together
#   - { name: by-host, match: "severity >= medium", group_by: [host.name], window: 4h, title: "{{ alert.rule.name }} on {{ key }}" }
# correlate:    # many alerts, or a sequence of them, are an alert of their own
#   - { name: brute-force, match: 'rule.name: "Failed login"', count: "> 10", by: [user.name], within: 5m, severity: high }
# inhibit:      # while the one is open, the other is not sent
#   - { name: isolated, while: 'rule.name: "Host isolated"', mute: "severity <= medium", equal: [host.name] }
# silences:     # planned work; or by hand: tocsin silence add
#   - { name: patch-night, match: "host.name: web-*", cron: "0 22 * * tue", for: 4h, time_zone: Europe/Berlin, comment: patching, at_end: digest }
# calendars:
#   office: { time_zone: Europe/Berlin, open: ["mon-fri 08:00-18:00"], closed: ["2026-12-25"] }

# Which alerts go where. Routes are tried in order; the first that matches takes the alert, unless it
# says continue. Conditions are KQL, as in Kibana.
routes:
  # - { name: urgent, match: "severity >= high and not host.name: test-*", to: [soc-slack], continue: true }
  # - name: paced               # a group is one message; what is over the limit comes as a digest
  #   match: "severity: medium"
  #   to: [soc-slack]
  #   continue: true
  #   group_by: [rule.name]
  #   repeat_every: 4h
  #   limit: { max: 10, per: 1m }
  #   hours: { calendar: office, outside: hold }
  - { name: everything, to: [file, terminal] }

  # What Tocsin has to tell its operators, for example that a destination does not accept anything:
  # - { name: operators, to: [soc-slack] }
`;
