/** What the app needs of a `Storage`; tests and blocked storages use a Map. */
export interface KeyValue {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  remove(key: string): void;
}

const PREFIX = 'cargotech.';

/**
 * JSON values in a browser storage. A web view may forbid the storage, be full, or hold what an older version wrote:
 * then values live as long as the page, and nothing throws.
 */
export function openStorage(find: () => Storage): KeyValue {
  const memory = new Map<string, string>();
  let storage: Storage | null = null;
  try {
    storage = find();
  } catch {
    // Blocked (third-party frame, private mode): memory only.
  }
  return {
    get(key) {
      try {
        const text = memory.get(key) ?? storage?.getItem(PREFIX + key) ?? null;
        return text === null ? null : JSON.parse(text);
      } catch {
        return null;
      }
    },
    set(key, value) {
      const text = JSON.stringify(value);
      try {
        if (!storage) throw new Error('no storage');
        storage.setItem(PREFIX + key, text);
        memory.delete(key);
      } catch {
        memory.set(key, text);
      }
    },
    remove(key) {
      memory.delete(key);
      try {
        storage?.removeItem(PREFIX + key);
      } catch {
        // Nothing is stored where nothing can be.
      }
    },
  };
}
