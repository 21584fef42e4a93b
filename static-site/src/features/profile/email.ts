/** What keeps mail from an address: letters that are not Latin before the `@`, or anything else; null when nothing does. The server has the last word. */
export function emailFault(address: string): 'latin' | 'wrong' | null {
  const [, local = '', domain = ''] = /^([^@]*)@([^@]*)$/.exec(address) ?? [];
  if (/\P{ASCII}/u.test(local)) return 'latin';
  const sound =
    /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/.test(local) && local.length <= 64 && address.length <= 254;
  const labels = domain.split('.');
  const label = /^[\p{L}\d]([\p{L}\d-]*[\p{L}\d])?$/u;
  return sound &&
    labels.length > 1 &&
    labels.every((each) => label.test(each)) &&
    /^\p{L}.+$/u.test(labels[labels.length - 1] ?? '')
    ? null
    : 'wrong';
}
