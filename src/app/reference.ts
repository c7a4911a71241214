/** The generated pages about the configuration: for readers (Markdown) and for editors (JSON Schema). */
import { z } from "zod";
import { destinationCommon } from "../destinations/common.ts";
import type { DestinationDefinition } from "../destinations/destination.ts";
import { feedCommon, requestCommon, sourceCommon } from "../sources/common.ts";
import type { SourceDefinition } from "../sources/source.ts";
import { configurationSchema, kindSchema } from "./configuration-schema.ts";
import { registries } from "./registries.ts";

/** A generated file; `path` is relative to the root of the project. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** All that is generated from the schema of the configuration. */
export function generateReference(): GeneratedFile[] {
  const schema = `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;
  return [
    { path: "docs/reference/configuration.md", text: referencePage() },
    { path: "docs/reference/tocsin.schema.json", text: schema },
  ];
}

/** JSON Schema (draft 2020-12) of `tocsin.yaml` as it is written, with all kinds. */
export function configurationJsonSchema(): object {
  const schema = z.toJSONSchema(
    configurationSchema(registries.sources, registries.destinations),
    // In JSON Schema `duration` means ISO 8601; the pattern beside it says what is meant here.
    { ...AS_WRITTEN, override: ({ jsonSchema }) => dropFormat(jsonSchema, "duration") },
  );
  return { title: "Tocsin", description: "Configuration of Tocsin, tocsin.yaml", ...schema };
}

const AS_WRITTEN = { io: "input", unrepresentable: "any" } as const;

function dropFormat(schema: z.core.JSONSchema.BaseSchema, format: string): void {
  if (schema.format === format) delete schema.format;
}

/** What is read of a JSON Schema. */
interface JsonSchema {
  readonly type?: string | undefined;
  readonly const?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly format?: string | undefined;
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly items?: JsonSchema | undefined;
  readonly additionalProperties?: JsonSchema | boolean | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
  readonly oneOf?: readonly JsonSchema[] | undefined;
}

function toJson(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, AS_WRITTEN) as JsonSchema;
}

const HEAD = `# Configuration

This page is generated from the schema that checks the configuration.

One file, \`tocsin.yaml\`: named with \`--config\`, else by \`TOCSIN_CONFIG\`, else taken from the working
folder. Without a file, or with one that names no sources, destinations and routes, the defaults of the
first run apply. Relative paths are relative to the file. \`tocsin check\` reports every problem at once.

- **duration**: \`500ms\`, \`30s\`, \`10m\`, \`12h\`, \`3d\`
- **size**: \`512KiB\`, \`10MiB\`, \`1GiB\`
- **secret**: a reference, so that it does not stand in the file
- **References**, in any text: \`\${env:NAME}\` is an environment variable, \`\${file:path}\` the content of
  a file without its last line end. \`$\${\` is a literal \`\${\`.
- **KQL**: conditions as in Kibana, over the fields of the alert: \`severity >= high and not host.name: test-*\`

For editors there is a JSON Schema. Its place is told to them in the first line of the file:

\`\`\`yaml
# yaml-language-server: $schema=./docs/reference/tocsin.schema.json
\`\`\`
`;

/** The reference page, Markdown. */
export function referencePage(): string {
  const { properties = {} } = toJson(
    configurationSchema(registries.sources, registries.destinations),
  );
  const { sources: _sources, destinations: _destinations, ...settings } = properties;
  return [
    HEAD,
    section("## Settings", "", { properties: settings }),
    ...kindSections(
      "Sources",
      "source",
      registries.sources.map((one) => ({ ...one, notes: sourceNotes(one) })),
      {
        "Every source": sourceCommon,
        "Every source that is sent to": requestCommon,
        "Every source that is read": feedCommon,
      },
    ),
    ...kindSections(
      "Destinations",
      "destination",
      registries.destinations.map((one) => ({ ...one, notes: destinationNotes(one) })),
      { "Every destination": destinationCommon },
    ),
  ].join("\n");
}

function sourceNotes({ open }: SourceDefinition): string {
  return open ? "It is read." : "It is sent to.";
}

function destinationNotes({ repeat, defaults }: DestinationDefinition): string {
  return `Messages in flight at once: ${defaults.concurrency}. A retry: ${repeat.retry}`;
}

interface Definition {
  readonly kind: string;
  readonly summary: string;
  readonly config: z.ZodType;
  readonly notes: string;
}

function kindSections(
  title: string,
  noun: string,
  definitions: readonly Definition[],
  commons: Readonly<Record<string, z.ZodRawShape>>,
): string[] {
  const shared = ["kind", ...Object.values(commons).flatMap((common) => Object.keys(common))];
  const list = definitions.map(({ kind, summary }) => `- \`${kind}\`: ${summary}`).join("\n");
  const intro = `A map from the name of a ${noun} to its settings. Kinds:\n\n${list}\n`;
  return [
    `## ${title}\n\n${intro}`,
    ...Object.entries(commons).map(([heading, common]) =>
      section(`### ${heading}`, "", toJson(z.strictObject(common))),
    ),
    ...definitions.map((definition) => {
      const own = withoutKeys(toJson(kindSchema(definition)), shared);
      return section(`### \`kind: ${definition.kind}\``, definition.notes, own);
    }),
  ];
}

function withoutKeys(schema: JsonSchema, keys: readonly string[]): JsonSchema {
  const entries = Object.entries(schema.properties ?? {}).filter(([key]) => !keys.includes(key));
  return { ...schema, properties: Object.fromEntries(entries) };
}

function section(heading: string, text: string, schema: JsonSchema): string {
  const rows = settingRows(schema, "");
  const table =
    rows.length === 0
      ? "No settings of its own.\n"
      : `| setting | type | default | |\n|---|---|---|---|\n${rows.join("\n")}\n`;
  return `${heading}\n\n${text === "" ? "" : `${text}\n\n`}${table}`;
}

function settingRows(schema: JsonSchema, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const isRequired = schema.required?.includes(key) ?? false;
    const path = `${prefix}${key}`;
    return [settingRow(path, property, isRequired), ...innerRows(path, property)];
  });
}

function innerRows(path: string, schema: JsonSchema): string[] {
  const { additionalProperties: value } = schema;
  return [
    ...settingRows(schema, `${path}.`),
    ...(schema.items ? innerRows(`${path}[]`, schema.items) : []),
    ...(typeof value === "object" ? innerRows(`${path}.*`, value) : []),
    ...formsOf(schema).flatMap((form) => innerRows(path, form)),
  ];
}

function settingRow(path: string, schema: JsonSchema, isRequired: boolean): string {
  const cells = [
    `\`${path}\``,
    typeText(schema),
    defaultText(schema, isRequired),
    schema.description ?? "",
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}

function defaultText(schema: JsonSchema, isRequired: boolean): string {
  if (schema.default === undefined) return isRequired ? "*required*" : "";
  // The default of a group is what its settings say; of lists and maps it is nothing.
  return schema.properties || isEmpty(schema.default) ? "" : `\`${plain(schema.default)}\``;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

const FORMATS = ["duration", "size", "secret"];
const TYPES: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  boolean: "true or false",
  object: "map",
};

function typeText(schema: JsonSchema): string {
  const forms = formsOf(schema);
  if (forms.length > 0) return [...new Set(forms.map(typeText))].join(" or ");
  if (schema.const !== undefined) return `\`${plain(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${plain(value)}\``).join(", ");
  if (schema.format === "listen") return "host:port";
  if (schema.format === "uri") return "URL";
  if (schema.format && FORMATS.includes(schema.format)) return schema.format;
  if (schema.type === "array")
    return `list of ${schema.items ? typeText(schema.items) : "anything"}`;
  return TYPES[schema.type ?? ""] ?? schema.type ?? "anything";
}

function formsOf(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [];
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
