import type { Args, Signature } from "@nc/cli-scope";

/** A flag whose value is a row's id, of which resource, and beside which other arguments. */
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
          ...{ words, flag, resource, where },
        }),
      ),
    ),
  );
