//! Families of truck types. Trucks of one family compete for the same cargos.
use crate::model::Kind;

/// A set of families, one bit each.
pub type Families = u8;

/// Tarpaulins, curtains, boards and flat beds.
const TENT: Families = 1;
const COLD: Families = 1 << 1;
const VAN: Families = 1 << 2;
const CONTAINER: Families = 1 << 3;
const TANK: Families = 1 << 4;
const LOW_LOADER: Families = 1 << 5;
const TIPPER: Families = 1 << 6;
/// What the table does not know, and special trucks.
const OTHER: Families = 1 << 7;
const ANY: Families = Families::MAX;

/// Parts of CargoTech's names of truck types; not their ids, because a type may come without one. The first part that a
/// name contains decides.
const FAMILIES: [(&str, Families); 22] = [
    ("все закрытые", TENT | COLD | VAN),
    ("танк", TANK),
    ("цистерн", TANK),
    ("бензовоз", TANK),
    ("цементовоз", TANK),
    ("муковоз", TANK),
    ("контейнер", CONTAINER),
    ("изотерм", COLD),
    ("реф", COLD),
    ("фургон", VAN),
    ("цельномет", VAN),
    ("тент", TENT),
    ("штор", TENT),
    ("борт", TENT),
    ("открыт", TENT),
    ("площадк", TENT),
    ("трал", LOW_LOADER),
    ("низкорам", LOW_LOADER),
    ("самосвал", TIPPER),
    ("тонар", TIPPER),
    ("зерновоз", TIPPER),
    ("ломовоз", TIPPER),
];

/// The families of a type.
pub fn of_name(name: &str) -> Families {
    let name = name.to_lowercase();
    FAMILIES.iter().find(|(part, _)| name.contains(part)).map_or(OTHER, |(_, families)| *families)
}

/// The families of a cargo: all of them if it names no type.
pub fn of_all(each: impl Iterator<Item = Families>) -> Families {
    each.reduce(|all, one| all | one).unwrap_or(ANY)
}

/// The families of a cargo by its types.
pub fn of_kinds(kinds: &[Kind]) -> Families {
    of_all(kinds.iter().map(|kind| of_name(&kind.name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_of_cargotech_has_its_families() {
        let names = [
            ("тент", TENT),
            ("изотерм", COLD),
            ("Рефрижератор", COLD),
            ("фургон", VAN),
            ("бортовой", TENT),
            ("контейнеровоз", CONTAINER),
            ("открытый", TENT),
            ("все закрытые + изотерм", TENT | COLD | VAN),
            ("танк-контейнер 20'", TANK),
            ("контейнер", CONTAINER),
            ("цельнометаллический", VAN),
            ("манипулятор", OTHER),
            ("ломовоз", TIPPER),
            ("седельный тягач", OTHER),
            ("трал", LOW_LOADER),
            ("зерновоз", TIPPER),
            ("тонар", TIPPER),
        ];
        for (name, families) in names {
            assert_eq!(of_name(name), families, "{name}");
        }
    }

    #[test]
    fn a_cargo_without_types_suits_any_truck() {
        assert_eq!(of_kinds(&[]), ANY);
        let kind = |name: &str| Kind { id: None, name: name.to_owned() };
        assert_eq!(of_kinds(&[kind("тент"), kind("трал")]), TENT | LOW_LOADER);
    }
}
