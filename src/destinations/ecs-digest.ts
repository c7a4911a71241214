/** The parts of an ECS document that tell of several alerts at once. */
import type { Alert } from "../alert/schema.ts";
import type { Json } from "./bound.ts";
import type { Digest } from "./destination.ts";
import { distinct, isAddress } from "./ecs-values.ts";

/** Names and addresses of a digest, in the fields in which those of one alert stand. */
export function aboutMany({ alerts, rules, hosts }: Digest): Record<string, Json> {
  const all = (pick: (alert: Alert) => readonly string[]) => distinct(alerts.flatMap(pick));
  return {
    rule: { name: rules.map(({ name }) => name) },
    host: { name: hosts.map(({ name }) => name) },
    related: {
      ip: all(({ entities }) => entities.ips).filter(isAddress),
      user: all(({ entities }) => entities.users),
      hosts: all(({ entities }) => entities.hosts),
    },
  };
}

/** What ECS has no field for: why they come together, and which they are. */
export function digestFields({ reason, cause, total, alerts }: Digest): Json {
  return {
    reason,
    cause,
    total,
    alerts: alerts.map(({ id, number, title, severity, status }) => {
      return { id, number, title, severity, status };
    }),
  };
}
