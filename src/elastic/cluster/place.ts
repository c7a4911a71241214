/** How far reading has come, and what was given of the last time. */
import {
  startOf,
  type ElasticHit,
  type PlacedHit,
  type SortValues,
  type TieBreak,
} from "./page.ts";

export interface Place {
  /** The sort values of the last document; undefined before the first. */
  after(): SortValues | undefined;
  /** Moves on behind these hits; answers those that were not given before. */
  pass(hits: readonly PlacedHit[]): ElasticHit[];
  /** To before the first document of the last time. */
  goBack(tieBreak: TieBreak): void;
}

/** A place before the first document. */
export function createPlace(): Place {
  let last: SortValues | undefined;
  const seen = new Set<string>();
  const isNew = ({ hit, sort }: PlacedHit) => {
    if (sort[0] !== last?.[0]) seen.clear();
    last = sort;
    const name = JSON.stringify([hit._index, hit._id]);
    const before = seen.size;
    return seen.add(name).size > before;
  };
  return {
    after: () => last,
    pass: (hits) => hits.filter(isNew).map(({ hit }) => hit),
    goBack: (tieBreak) => void (last = last && startOf(last[0], tieBreak)),
  };
}
