use super::*;

proptest! {
    #[test]
    fn routes_are_those_of_the_cargos_that_match(market in market(150), filters in filters()) {
        let matching = market.iter().filter(|open| search::admits(&filters, open));
        let expected: Vec<_> = matching.filter_map(|open| Route::of(&open.cargo)).collect();
        prop_assert_eq!(index_of(&market).routes(&filters), expected);
    }
}
