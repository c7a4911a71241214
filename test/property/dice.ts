/** Chance that is the same each time for one seed. */

export interface Dice {
  /** From 0 to below `end`, whole. */
  below(end: number): number;
  /** True in so many of 1 cases. */
  chance(share: number): boolean;
  one<Item>(items: readonly Item[]): Item;
  /** Some of them, in their order; at least so many. */
  some<Item>(items: readonly Item[], least?: number): Item[];
}

/** A mulberry32 generator: one 32-bit state, which goes through all its values. */
export function dice(seed: number): Dice {
  let state = seed;
  const roll = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(roll() * end);
  const one = <Item>(items: readonly Item[]): Item => {
    const item = items[below(items.length)];
    if (item === undefined) throw new RangeError("nothing to choose from");
    return item;
  };
  const some = <Item>(items: readonly Item[], least = 0): Item[] => {
    const chosen = items.filter(() => roll() < 0.5);
    return chosen.length >= least ? chosen : items.slice(0, least);
  };
  return { below, chance: (share) => roll() < share, one, some };
}

/** Seeds of a run: `TOCSIN_PROPERTIES` of them, from `TOCSIN_PROPERTIES_SEED` on. */
export function seeds(usual: number): number[] {
  const count = Number(process.env["TOCSIN_PROPERTIES"] ?? usual);
  const first = Number(process.env["TOCSIN_PROPERTIES_SEED"] ?? 1);
  return Array.from({ length: count }, (_, index) => first + index);
}
