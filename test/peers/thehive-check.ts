/**
 * What TheHive refuses of an alert. Shapes and limits of 5: `InputCreateAlert`, `InputUpdateAlert`,
 * `InputCreateObservable` and `InputProcedure` of https://docs.strangebee.com/thehive/api-docs/; shapes of 4:
 * `dto/v0/Alert.scala`, `Observable.scala` and `CustomFieldValue.scala` of TheHive-Project/TheHive. Where 4
 * enforces no limit, that of 5 is asked for: its columns are as long. Members that nobody knows are refused
 * here, though the real one ignores them.
 */
export type Json = Record<string, unknown>;

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const text =
  (max: number, min = 1): Check =>
  (value) =>
    typeof value === "string" && value.length >= min && value.length <= max;
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const flag: Check = (value) => typeof value === "boolean";
const time: Check = (value) => Number.isSafeInteger(value) && Number(value) > 1e11;
const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const tags: Check = (value) =>
  list(text(128))(value) && new Set(value as string[]).size === (value as string[]).length;
const severity = oneOf(1, 2, 3, 4);
const pap = oneOf(0, 1, 2, 3);

/** How a TheHive of a version takes things. */
export interface Flavour {
  readonly isOld: boolean;
  /** Whether TLP knows `amber+strict`, which is so since 5.2. */
  readonly hasStrict: boolean;
}

/** The names of the members that are wrong, missing or unknown. */
export function checkAlert(body: Json, flavour: Flavour): string[] {
  const required = ["type", "source", "sourceRef", "title", "description"];
  return [
    ...required.filter((name) => body[name] === undefined),
    ...wrong(body, alertShape(flavour)),
  ];
}

export function checkUpdate(body: Json, { isOld }: Flavour): string[] {
  const common = { title: text(512), description: text(1_048_576, 0), severity };
  const own: Shape = isOld ? { tags } : { addTags: tags, removeTags: tags, status: text(64) };
  return wrong(body, { ...common, ...own });
}

function wrong(body: Json, shape: Shape): string[] {
  return Object.entries(body).flatMap(([name, value]) => (shape[name]?.(value) ? [] : [name]));
}

function alertShape(flavour: Flavour): Shape {
  const tlp = flavour.hasStrict ? oneOf(0, 1, 2, 3, 4) : oneOf(0, 1, 2, 3);
  // 4.0 refuses the whole alert for one that is there twice: TheHive-Project/TheHive#1514.
  const observables: Check = (value) =>
    list((each) => isJson(each) && isObservable(each, flavour, tlp))(value) && areUnique(value);
  const common: Shape = {
    type: text(32),
    source: text(32),
    sourceRef: text(128),
    externalLink: text(4096),
    title: text(512),
    description: text(1_048_576, 0),
    severity,
    date: time,
    tags,
    tlp,
    pap,
  };
  if (flavour.isOld) return { ...common, customFields: areOldFields, artifacts: observables };
  const customFields = list((each) => isJson(each) && isField(each));
  const procedures = list((each) => isJson(each) && isProcedure(each));
  return { ...common, customFields, observables, procedures };
}

function areUnique(value: unknown): boolean {
  const keys = (value as Json[]).map(({ dataType, data }) => JSON.stringify([dataType, data]));
  return new Set(keys).size === keys.length;
}

function isObservable(each: Json, { isOld }: Flavour, tlp: Check): boolean {
  const common: Shape = {
    dataType: text(64),
    data: text(4096),
    message: text(1_048_576),
    tags,
    tlp,
    ioc: flag,
    sighted: flag,
  };
  return wrong(each, isOld ? common : { ...common, pap }).length === 0 && "data" in each;
}

function isField(each: Json): boolean {
  const scalar: Check = (value) => ["string", "number", "boolean"].includes(typeof value);
  const shape = { name: text(64), value: scalar, order: Number.isSafeInteger };
  return wrong(each, shape).length === 0 && "name" in each && "value" in each;
}

const OLD_FIELD: Shape = {
  string: text(1_000_000),
  integer: Number.isSafeInteger,
  float: (value) => typeof value === "number",
  boolean: flag,
  date: time,
  order: Number.isSafeInteger,
};

/** `{"name": {"string": "value", "order": 0}}`: exactly one typed member. */
const areOldFields: Check = (value) =>
  isJson(value) &&
  Object.values(value).every((each) => {
    if (!isJson(each) || wrong(each, OLD_FIELD).length > 0) return false;
    return Object.keys(each).filter((name) => name !== "order").length === 1;
  });

function isProcedure(each: Json): boolean {
  const shape = { patternId: text(128), occurDate: time, tactic: text(32) };
  return wrong(each, shape).length === 0 && "patternId" in each && "occurDate" in each;
}
