/** Text that a person at an attached terminal has typed and not sent. */
export type PersonDraft = {
  /**
   * Gets typed keys; null when no terminal types any more. If a question `isAsked`, keys are an answer and
   * begin no draft.
   */
  readonly typed: (data: string | null, isAsked: boolean) => void;
  readonly isOpen: () => boolean;
};

/** Keys that end a draft: Enter, Ctrl-C, Ctrl-D, and Escape alone. */
// eslint-disable-next-line no-control-regex -- the expression finds control characters
const ending = /[\r\n\x03\x04]|^\x1b$/u;

export const createPersonDraft = (): PersonDraft => {
  let isOpen = false;
  return {
    typed: (data, isAsked) => {
      if (data === null || ending.test(data)) isOpen = false;
      // Arrow keys and mouse reports write no text.
      else if (!isAsked && !data.startsWith("\x1b")) isOpen = true;
    },
    isOpen: () => isOpen,
  };
};
