import type { Failure } from "@gatehouse/cli-kit";
import type { NoSuchMember } from "@gatehouse/held-client";

const startOne = "No agent is held here. gatehouse launch --agents 1 --provider claude DIR starts one.";

/** Why a name leads to no agent, for a person. */
export const memberFailure = ({ code, name, known }: NoSuchMember): Failure => {
  const names = known.join(", ");
  switch (code) {
    case "no-such-member":
      return {
        code,
        message: `There is no agent ${name}.`,
        fix: known.length === 0 ? startOne : `There are: ${names}. See gatehouse ps.`,
      };
    case "ambiguous-member":
      return { code, message: `More than one agent has the name ${name}.`, fix: `Name one of: ${names}.` };
  }
};
