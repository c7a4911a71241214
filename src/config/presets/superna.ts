/**
 * Superna's Zero Trust webhook to Elastic Agent, in place of the small service and the script that the
 * vendor's guide sets up: same address, same twelve fields, same filter.
 * https://docs.superna.io (SIEM guide for Elasticsearch, 2.14.1)
 */
import type { Preset } from "./preset.ts";

export const supernaPreset: Preset = {
  name: "superna",
  summary: "Superna's webhook on this machine, lockouts to Elastic Agent",
  text: `# Superna's webhook to Elastic. Check it with: tocsin check
#
# Durations are written 30s, 10m, 3d; sizes 10MiB. Paths are relative to this file.
# Secrets are references: \${env:NAME} or \${file:path}. All settings: docs/reference/configuration.md.

listen: 127.0.0.1:7373          # the API; Superna posts to a listener of its own, see below
# data: /var/lib/tocsin         # where tocsin service install keeps the data; ./data unless set

# The Zero Trust webhook of Eyeglass posts to http://localhost:5000/webhook. On loopback no key is needed.
# A header content-encoding: gzip over a plain body does no harm.
sources:
  storage: { kind: superna, listen: "127.0.0.1:5000", auth: none }

# Elastic Agent with the integration Custom HTTP Endpoint Logs, on this machine or another one.
destinations:
  elastic-http:
    kind: elastic-http
    url: http://127.0.0.1:8080
    format: superna             # the twelve fields of Superna's guide; ecs for Elastic's own
    # batch: ndjson             # several alerts in one request

  # An endpoint in the cloud has https and a credential, either Basic or a secret header:
  # elastic-http:
  #   kind: elastic-http
  #   url: https://superna.logs.example.org
  #   format: superna
  #   username: superna
  #   password: "\${env:ELASTIC_HTTP_PASSWORD}"
  #   # headers: { authorization: "\${env:ELASTIC_HTTP_AUTHORIZATION}" }

# Which alerts go where; the first route that matches takes the alert. Conditions are KQL, as in Kibana.
routes:
  # Superna's advice: only Critical and Major, and only what is locked out or about to be. Change the
  # line as you like: severity is critical, high (Major), medium (Warning) or low (Minor), and every
  # state is a tag. Leave the tags out for all states: match: "severity >= high".
  - name: lockouts
    match: 'severity >= high and tags: (LOCKED_OUT or DELAYED_LOCKOUT or "Locked Out" or "Delayed Lockout")'
    to: [elastic-http]
    # repeats: update           # sends what comes of them too: locked out after a delay, restored, …

  # Everything else, the daily user activity report too, is kept and sent nowhere: tocsin alerts
  - { name: rest, to: [] }

  # What Tocsin has to tell its operators, for example that the agent takes nothing:
  # - { name: operators, to: [soc-slack] }
`,
};
