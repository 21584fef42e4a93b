/** Names in Latin letters, for readers who do not know the Russian ones. */

const SOUNDS: Record<string, string> = {
  ...{ а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ё: 'e', ж: 'zh', з: 'z', и: 'i', й: 'y', к: 'k', л: 'l' },
  ...{ м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'kh', ц: 'ts', ч: 'ch', ш: 'sh' },
  ...{ щ: 'shch', ъ: '', ы: 'y', ь: '', э: 'e', ю: 'yu', я: 'ya' },
};

/** What English calls otherwise. */
const NAMES: Record<string, string> = { Москва: 'Moscow', 'Санкт-Петербург': 'Saint Petersburg' };

/** Russian words by their sound, as GeoNames spells most of the names that it has: `Екатеринбург` is `Yekaterinburg`. */
export function latin(text: string): string {
  const rest = text.replace(/Москва|Санкт-Петербург/g, (name) => NAMES[name] ?? name);
  return rest.replace(/[а-яё]/gi, (letter, at: number) => {
    const small = letter.toLowerCase();
    const isSoft = small === 'е' && !/[бвгджзклмнпрстфхцчшщ]/i.test(rest.charAt(at - 1));
    const sound = isSoft ? 'ye' : (SOUNDS[small] ?? letter);
    return letter === small ? sound : sound.charAt(0).toUpperCase() + sound.slice(1);
  });
}
