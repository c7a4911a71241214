/**
 * What an alert goes without, because TheHive refused it whole or would. One unknown custom field or type of
 * observable makes TheHive refuse the alert and undo all of it, with 404 and the name of what it does not
 * know; it is sent again without that, and says so with a tag and a note.
 */
import type { HttpAnswer } from "../../net/http.ts";
import { readError } from "./answer.ts";
import type { DataType, HiveAlert } from "./model.ts";

export interface LeftOut {
  readonly customFields: ReadonlySet<string>;
  readonly dataTypes: ReadonlySet<DataType>;
  readonly procedures: boolean;
  /** Whether less is sent than TheHive takes by itself: something before it takes less. */
  readonly small: boolean;
}

export const NOTHING_LEFT_OUT: LeftOut = {
  customFields: new Set(),
  dataTypes: new Set(),
  procedures: false,
  small: false,
};

/**
 * What to go without after this refusal, beside what is left out already; undefined when that would not
 * help. Each answer differs from `left` in something, so that asking again comes to an end.
 */
export function leaveOut(answer: HttpAnswer, left: LeftOut, alert: HiveAlert): LeftOut | undefined {
  if (answer.status === 413) return left.small ? undefined : { ...left, small: true };
  const error = readError(answer);
  if (!error) return undefined;
  const { message } = error;
  // A value that its custom field does not take is a 400.
  if (/custom ?field/i.test(message) && (answer.status === 404 || answer.status === 400))
    return leaveCustomField(message, left, alert);
  if (answer.status !== 404) return undefined;
  if (/observable ?type|data ?type/i.test(message)) return leaveDataType(message, left, alert);
  if (/pattern|procedure|technique/i.test(message)) return leaveProcedures(left, alert);
  return undefined;
}

function leaveCustomField(message: string, left: LeftOut, alert: HiveAlert): LeftOut | undefined {
  const names = alert.customFields
    .map(({ name }) => name)
    .filter((name) => !left.customFields.has(name));
  const said = names.filter((name) => message.includes(name));
  // `risk` stands in `risk score`, too.
  const named = said.filter(
    (name) => !said.some((other) => other !== name && other.includes(name)),
  );
  const gone = named.length > 0 ? named : names;
  if (gone.length === 0) return undefined;
  return { ...left, customFields: new Set([...left.customFields, ...gone]) };
}

/** Without a name it may be any of them; `other`, which the rest becomes, is the last to go. */
function leaveDataType(message: string, left: LeftOut, alert: HiveAlert): LeftOut | undefined {
  const used = new Set(alert.observables.map(({ dataType }) => dataType));
  // Whatever cannot go as what it is goes as `other`.
  if (left.dataTypes.size > 0) used.add("other");
  const types = [...used].filter((type) => !left.dataTypes.has(type));
  const words = new Set(message.split(/[^\w-]+/));
  const named = types.filter((type) => words.has(type));
  const rest = types.filter((type) => type !== "other");
  const gone = [named, rest, types].find((some) => some.length > 0);
  return gone && { ...left, dataTypes: new Set([...left.dataTypes, ...gone]) };
}

function leaveProcedures(left: LeftOut, { techniques }: HiveAlert): LeftOut | undefined {
  return left.procedures || techniques.length === 0 ? undefined : { ...left, procedures: true };
}
