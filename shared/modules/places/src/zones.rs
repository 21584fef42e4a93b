//! How far the clocks of the places' time zones are ahead of UTC.

/// Hours in winter, by the IANA time zone database 2025b; `None` for a zone that no place has. In summer, the zones of
/// the European Union, Moldova and Ukraine have one more.
pub fn hours_ahead(timezone: &str) -> Option<i64> {
    Some(match timezone {
        "Europe/Warsaw" => 1,
        "Europe/Kaliningrad" | "Europe/Kyiv" | "Europe/Chisinau" | "Europe/Helsinki" | "Europe/Tallinn"
        | "Europe/Riga" | "Europe/Vilnius" => 2,
        "Europe/Moscow" | "Europe/Simferopol" | "Europe/Kirov" | "Europe/Volgograd" | "Europe/Minsk"
        | "Europe/Istanbul" => 3,
        "Europe/Samara" | "Europe/Saratov" | "Europe/Ulyanovsk" | "Europe/Astrakhan" | "Asia/Yerevan" | "Asia/Baku"
        | "Asia/Tbilisi" => 4,
        "Asia/Yekaterinburg" | "Asia/Almaty" | "Asia/Qostanay" | "Asia/Oral" | "Asia/Atyrau" | "Asia/Aqtobe"
        | "Asia/Aqtau" | "Asia/Qyzylorda" | "Asia/Ashgabat" | "Asia/Dushanbe" | "Asia/Tashkent" | "Asia/Samarkand" => 5,
        "Asia/Omsk" | "Asia/Bishkek" | "Asia/Urumqi" => 6,
        "Asia/Novosibirsk" | "Asia/Barnaul" | "Asia/Tomsk" | "Asia/Krasnoyarsk" | "Asia/Novokuznetsk" | "Asia/Hovd" => {
            7
        }
        "Asia/Irkutsk" | "Asia/Shanghai" | "Asia/Ulaanbaatar" => 8,
        "Asia/Yakutsk" | "Asia/Chita" => 9,
        "Asia/Vladivostok" => 10,
        "Asia/Magadan" | "Asia/Sakhalin" => 11,
        "Asia/Kamchatka" | "Asia/Anadyr" => 12,
        _ => return None,
    })
}
