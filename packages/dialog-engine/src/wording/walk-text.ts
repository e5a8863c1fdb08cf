/** A slot of a sentence: one of several texts, or any text with the allowed beginning and length. */
export type SlotToken = {
  readonly slot: string;
  readonly forms: readonly string[];
  readonly open?: {
    readonly begins: (text: string, at: number) => boolean;
    readonly min: number;
    readonly max: number;
  };
};

/** A part of a sentence. All texts are compact. */
export type Token = string | SlotToken;

/** The place of a slot in the text. */
export type Filled = { readonly slot: string; readonly from: number; readonly to: number };

/** How a place was reached: from where, and through which slots, the last one first. */
export type Trail = {
  readonly start: number;
  readonly filled: { readonly last: Filled; readonly before: Trail["filled"] } | null;
};

/** The places of a text that can be reached. For each place, the trail that was found first. */
export type Reached = ReadonlyMap<number, Trail>;

/**
 * Advances from all these places at once, token by token. So no text takes longer than its length times the sentence's
 * length; a pattern that tries one way after the other takes minutes for a screen that repeats a sentence's beginning.
 */
export const walk = (text: string, tokens: readonly Token[], from: Reached): Reached =>
  tokens.reduce<Reached>(
    (reached, token) =>
      typeof token === "string" ? overLiteral(text, token, reached) : overSlot(text, token, reached),
    from,
  );

const overLiteral = (text: string, literal: string, reached: Reached): Reached => {
  const next = new Map<number, Trail>();
  for (const [at, trail] of reached) {
    if (text.startsWith(literal, at)) next.set(at + literal.length, trail);
  }
  return next;
};

const overSlot = (text: string, token: SlotToken, reached: Reached): Reached => {
  const next = new Map<number, Trail>();
  const reach = (from: number, to: number, { start, filled }: Trail): void => {
    const last = { slot: token.slot, from, to };
    if (!next.has(to)) next.set(to, { start, filled: { last, before: filled } });
  };
  for (const [at, trail] of reached)
    for (const form of token.forms) if (text.startsWith(form, at)) reach(at, at + form.length, trail);
  if (token.open) overOpen(text, token.open, reached, reach);
  return next;
};

/** Each place is reached from the first possible place, so a slot is as short as it can be. */
const overOpen = (
  text: string,
  { begins, min, max }: NonNullable<SlotToken["open"]>,
  reached: Reached,
  reach: (from: number, to: number, trail: Trail) => void,
): void => {
  let done = 0;
  const starts = [...reached].filter(([at]) => begins(text, at)).sort(([one], [other]) => one - other);
  for (const [at, trail] of starts) {
    const end = Math.min(at + max, text.length);
    for (let to = Math.max(at + min, done); to <= end; to += 1) reach(at, to, trail);
    done = Math.max(done, end + 1);
  }
};

/** The slots of a trail, in order. */
export const filledIn = ({ filled }: Trail): readonly Filled[] => {
  const all: Filled[] = [];
  for (let one = filled; one !== null; one = one.before) all.push(one.last);
  return all.reverse();
};
