/** Typed instead of pasted, these are keys: the end of a line, a Tab, and what opens a menu in an empty composer. */
export const isKeysWhenTyped = (prompt: string): boolean => /[\n\t]|^\s*[/!?#@&$]/u.test(prompt);
