/**
 * What a query sees of an alert: its own fields first, ECS names for what the alert knows under
 * another name, then every field of the document it came from.
 */
import type { Alert } from "../alert/schema.ts";
import { recordOf, type KqlRecord } from "../kql/index.ts";

/** Where the vendor's own fields are inside a source's document, nearest first. */
const INNER = [
  ["hit", "_source"],
  ["hit", "fields"],
  ["hit"],
  ["_source"],
  ["fields"],
  ["result"],
  [],
];

type Document = Readonly<Record<string, unknown>>;

/** A memo: stages ask for the same alert one after the other, and a record remembers its answers. */
const lately = new WeakMap<Alert, { readonly document: Document; readonly record: KqlRecord }>();

/** The alert and the document of its event as one record. Neither may change any more. */
export function alertRecord(alert: Alert, document: Document): KqlRecord {
  const known = lately.get(alert);
  if (known?.document === document) return known.record;
  const record = openRecord(alert, document);
  lately.set(alert, { document, record });
  return record;
}

function openRecord(alert: Alert, document: Document): KqlRecord {
  const own = recordOf(alert);
  let layers: readonly KqlRecord[] | undefined;
  // The document is opened only when a query asks for more than the alert has.
  const inner = (): readonly KqlRecord[] => (layers ??= openLayers(document));
  return {
    values: (field) => firstFound([own.values(field), ecsValues(alert, field)], inner, field),
    fields: () => [...own.fields(), ...inner().flatMap((layer) => layer.fields())],
    elements: (field) => {
      const found = own.elements(field);
      if (found.length > 0) return found;
      return (
        inner()
          .map((layer) => layer.elements(field))
          .find((list) => list.length > 0) ?? []
      );
    },
  };
}

function firstFound(
  known: readonly (readonly unknown[])[],
  inner: () => readonly KqlRecord[],
  field: string,
): readonly unknown[] {
  const found = known.find((values) => values.length > 0);
  if (found) return found;
  for (const layer of inner()) {
    const values = layer.values(field);
    if (values.length > 0) return values;
  }
  return [];
}

/** ECS names that people write for what every alert has, whatever its vendor calls it. */
function ecsValues(alert: Alert, field: string): readonly unknown[] {
  switch (field) {
    case "host.name":
      return alert.entities.hosts;
    case "user.name":
      return alert.entities.users;
    case "source.ip":
      return addresses(alert, "source");
    case "destination.ip":
      return addresses(alert, "destination");
    case "@timestamp":
      return [alert.detected_at ?? alert.received_at];
    default:
      return [];
  }
}

function addresses(alert: Alert, role: "source" | "destination"): string[] {
  return alert.artifacts
    .filter((artifact) => artifact.type === "ip" && artifact.role === role)
    .map(({ value }) => value);
}

function openLayers(document: Document): KqlRecord[] {
  return INNER.flatMap((path) => {
    const layer = path.reduce<unknown>((value, name) => memberOf(value, name), document);
    return typeof layer === "object" && layer !== null ? [recordOf(layer)] : [];
  });
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
