import type { Args, Signature } from "@nc/cli-scope";

/** A flag whose value is the id of a row of `resource`, if the other arguments equal `where`. */
export type ReferringFlag = {
  readonly words: string;
  readonly flag: string;
  readonly resource: string;
  readonly where: Args;
};

/** All flags of these commands that refer to rows. */
export const referencesOf = (commands: readonly Signature[]): readonly ReferringFlag[] =>
  commands.flatMap(({ words, flags }) =>
    flags.flatMap(({ name: flag, refersTo = [] }) =>
      (typeof refersTo === "string" ? [{ resource: refersTo }] : refersTo).map(
        ({ resource, where = {} }: { readonly resource: string; readonly where?: Args }) => ({
          words,
          flag,
          resource,
          where,
        }),
      ),
    ),
  );
