import type { Failure } from "@gatehouse/cli-kit";
import type { NoSuchMember } from "../records/find-member.ts";

/** Why a name leads to no agent, for a person. */
export const explainMember = ({ code, name, known }: NoSuchMember): Failure => {
  const names = known.length === 0 ? "none" : known.join(", ");
  switch (code) {
    case "no-such-member":
      return { code, message: `There is no agent ${name}.`, fix: `There are: ${names}. See gatehouse ps.` };
    case "ambiguous-member":
      return { code, message: `More than one agent has the name ${name}.`, fix: `Name one of: ${names}.` };
  }
};
