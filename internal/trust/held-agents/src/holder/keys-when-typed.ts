/**
 * True if the prompt, typed instead of pasted, would press keys: Enter, Tab, or a character that opens a menu
 * in an empty composer.
 */
export const isKeysWhenTyped = (prompt: string): boolean => /[\n\t]|^\s*[/!?#@&$]/u.test(prompt);
