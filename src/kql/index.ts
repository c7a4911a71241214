/**
 * KQL, the Kibana Query Language: the one language for conditions (routes, silences, search).
 *
 *     severity >= high and not host.name: test-*        artifacts:{ type: ip and value: "10.0.0.0/8" }
 *     rule.tags:(windows or linux)   event_time >= now-15m   user.*: root   case_id: *   "brute force"
 *
 * The grammar is Kibana's (kbn-es-query, grammar.peggy): `not` before `and` before `or`; unquoted
 * words in a row are one value; `*` in unquoted text is a wildcard, in a name too; a value without a
 * field is looked for in all fields; `path:{ … }` holds when one element fulfils all of it. Quotes keep
 * Kibana's trap: `"C:\temp"` has a tab, write `"C:\\temp"`. Where it is stricter says `parseKql`.
 *
 * What matches. Kibana leaves that to the index mapping; here it is the same for every record:
 * - Case never matters in values. Field names are exact.
 * - A keyword (any field but prose) equals the whole value: `host.name: web` is not `web-01`.
 *   A number or boolean is compared by value: `1.0` matches 1, `1` matches 1 and "1".
 * - Prose (`title`, `description`, `reason`, `message`, `note`, also as last part of a name): a quoted
 *   phrase must appear as words in a row, unquoted words must all appear, in any order (Kibana: any of
 *   them; a silence must not hold back more than it says). A wildcard fits the whole text or a word.
 * - A date is a span: `event_time: "2026-03-04"` is that day, in UTC; see `dates.ts`.
 * - A network stands for its addresses: `source.ip: "10.0.0.0/8"`.
 * - In ranges the bound decides: date, number, or text in code-unit order; see `testRange`.
 * - `severity` compares on the scale: `severity >= high`.
 * - A field with several values fits when one of them does; `not` holds when none does.
 */
export { fieldsOf } from "./ast.ts";
export type { Field, Query, RangeOperator, Value } from "./ast.ts";
export { compileKql, kqlPredicate, type KqlPredicate } from "./compile.ts";
export { toElasticsearchQuery } from "./elasticsearch.ts";
export { formatKql } from "./format.ts";
export { MAX_KQL_DEPTH, MAX_KQL_LENGTH, parseKql } from "./parser.ts";
export { recordOf, type KqlRecord } from "./record.ts";
export { QuerySet } from "./query-set.ts";
