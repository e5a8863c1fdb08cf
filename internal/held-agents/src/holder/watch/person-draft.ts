/** Text that a person at an attached terminal has typed and not sent. */
export type PersonDraft = {
  /** What they typed; null: nobody types there any more. At a question it is an answer, and begins no draft. */
  readonly typed: (data: string | null, isAsked: boolean) => void;
  readonly isOpen: () => boolean;
};

/** Enter, Ctrl-C, Ctrl-D, and Escape alone: what ends a draft. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const ending = /[\r\n\x03\x04]|^\x1b$/u;

export const createPersonDraft = (): PersonDraft => {
  let isOpen = false;
  return {
    typed: (data, isAsked) => {
      if (data === null || ending.test(data)) isOpen = false;
      // Arrow keys and mouse reports write nothing.
      else if (!isAsked && !data.startsWith("\x1b")) isOpen = true;
    },
    isOpen: () => isOpen,
  };
};
