/** What the trade calls in English the truck types and load types of CargoTech, by their Russian names. */
const TYPES: Record<string, string> = {
  тент: 'curtainsider',
  изотерм: 'insulated box',
  рефрижератор: 'refrigerated',
  фургон: 'box van',
  бортовой: 'dropside',
  контейнеровоз: 'container chassis',
  открытый: 'open body',
  'все закрытые + изотерм': 'any closed or insulated',
  "танк-контейнер 20'": "20' tank container",
  "танк-контейнер 40'": "40' tank container",
  контейнер: 'container',
  цельнометаллический: 'metal van',
  манипулятор: 'crane truck',
  ломовоз: 'scrap carrier',
  'седельный тягач': 'tractor unit',
  трал: 'low loader',
  зерновоз: 'grain carrier',
  тонар: 'tipping trailer',
  задняя: 'rear',
  верхняя: 'top',
  боковая: 'side',
  'с полной растентовкой': 'tarpaulin off',
  аппарели: 'ramps',
};

/** The English name of a type; one that is not known stays as it is. */
export function enType(name: string): string {
  return TYPES[name.toLowerCase()] ?? name;
}
