//! Who may come in, and who leaves where there are too many.

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;

fn place(number: u32) -> IpAddr {
    Ipv4Addr::from(0x0a00_0000 + number).into()
}

#[test]
fn one_place_has_so_many_that_have_proven_nothing() {
    let mut admission = Admission::default();
    for _ in 0..MAX_UNPROVEN_PER_PLACE {
        assert_eq!(admission.admit(place(1)), Ok(()));
    }
    let refused = Err(DriverCounter::TcpRefusedPlace);
    assert_eq!(admission.admit(place(1)), refused);
    assert_eq!(admission.admit(place(2)), Ok(()));
    admission.prove(place(1));
    assert_eq!(admission.admit(place(1)), Ok(()));
    assert_eq!(admission.admit(place(1)), refused);
    admission.leave(place(1), false);
    assert_eq!(admission.admit(place(1)), Ok(()));
}

#[test]
fn a_network_of_ipv6_is_one_place() {
    let mut admission = Admission::default();
    let host = |network: u16, host: u16| -> IpAddr {
        Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, host).into()
    };
    for number in 0..MAX_UNPROVEN_PER_PLACE {
        assert_eq!(admission.admit(host(1, number as u16)), Ok(()));
    }
    let refused = Err(DriverCounter::TcpRefusedPlace);
    assert_eq!(admission.admit(host(1, 9_999)), refused);
    assert_eq!(admission.admit(host(2, 1)), Ok(()));
}

#[test]
fn beyond_so_many_that_have_proven_nothing_one_must_leave() {
    let mut admission = Admission::default();
    for number in 0..MAX_UNPROVEN {
        assert_eq!(admission.admit(place(number as u32)), Ok(()));
        assert!(!admission.is_crowded());
    }
    assert_eq!(admission.admit(place(9_999)), Ok(()));
    assert!(admission.is_crowded());
    admission.leave(place(0), false);
    assert!(!admission.is_crowded());
}

/// Lets connections come, one a nanosecond, and leave where it is crowded; gives who is left.
fn left_of(coming: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut admission = Admission::default();
    let mut inside: Vec<Unproven> = Vec::new();
    for (place, remote) in coming.enumerate() {
        assert_eq!(admission.admit(remote), Ok(()));
        inside.push(Unproven {
            remote,
            opened_ns: place as u64,
            place,
        });
        if admission.is_crowded() {
            let leaving = admission.first_to_leave(inside.iter().copied());
            let index = inside.iter().position(|one| Some(one.place) == leaving);
            let gone = inside.remove(index.expect("it is one of them"));
            admission.leave(gone.remote, false);
        }
    }
    inside.into_iter().map(|one| one.remote).collect()
}

#[test]
fn whoever_comes_from_many_networks_of_one_site_meets_themselves() {
    let of_site = |site: u16, network: u16| -> IpAddr {
        Ipv6Addr::new(0x2001, 0xdb8, site, network, 0, 0, 0, 1).into()
    };
    let newcomers: Vec<IpAddr> = (1..=8).map(|site| of_site(site, 7)).collect();
    let flood = (0..5_000).map(|network| of_site(9, network));
    let left = left_of(newcomers.iter().copied().chain(flood));
    assert_eq!(left.len(), MAX_UNPROVEN);
    assert!(newcomers.iter().all(|newcomer| left.contains(newcomer)));
    let newest = of_site(9, 4_999);
    assert!(left.contains(&newest), "of a flood the oldest leave");
}

#[test]
fn whoever_comes_from_many_addresses_of_a_neighbourhood_meets_themselves() {
    let clinic: Vec<IpAddr> = (0..16).map(|_| place(0x0001_0001)).collect();
    let flood = (0..3_000).map(|number| place(number % 256));
    let left = left_of(clinic.iter().copied().chain(flood));
    assert_eq!(left.len(), MAX_UNPROVEN);
    assert_eq!(
        left.iter().filter(|one| clinic.contains(one)).count(),
        clinic.len()
    );
}

#[test]
fn of_a_crowded_neighbourhood_the_most_crowded_place_leaves() {
    let mut admission = Admission::default();
    let crowd = (0..20).map(|_| place(1));
    let others = (2..12).map(place);
    let inside: Vec<Unproven> = others
        .chain(crowd)
        .enumerate()
        .map(|(place, remote)| Unproven {
            remote,
            opened_ns: place as u64,
            place,
        })
        .collect();
    for one in &inside {
        assert_eq!(admission.admit(one.remote), Ok(()));
    }
    // The others came first, and alone.
    assert_eq!(admission.first_to_leave(inside.iter().copied()), Some(10));
    assert_eq!(admission.first_to_leave(std::iter::empty()), None);
}

#[test]
fn where_nobody_is_a_crowd_the_oldest_leaves() {
    let apart = (0..600).map(|number| place(number * 256));
    let left = left_of(apart);
    let expected: Vec<IpAddr> = (600 - MAX_UNPROVEN as u32..600)
        .map(|number| place(number * 256))
        .collect();
    assert_eq!(left, expected);
}

#[test]
fn there_are_so_many_in_all() {
    let mut admission = Admission::default();
    for number in 0..MAX_CONNECTIONS {
        assert_eq!(admission.admit(place(number as u32)), Ok(()));
        admission.prove(place(number as u32));
    }
    assert!(admission.is_full());
    let refused = Err(DriverCounter::TcpRefusedFull);
    assert_eq!(admission.admit(place(9_999)), refused);
    admission.leave(place(5), true);
    assert!(!admission.is_full());
    assert_eq!(admission.admit(place(9_999)), Ok(()));
}

proptest! {
    #[test]
    fn when_all_are_gone_nothing_is_kept(
        coming in proptest::collection::vec((0_u32..40, any::<bool>()), 0..300),
    ) {
        let mut admission = Admission::default();
        let mut inside = Vec::new();
        for (number, proves) in coming {
            if admission.admit(place(number)).is_ok() {
                if proves {
                    admission.prove(place(number));
                }
                inside.push((number, proves));
            }
        }
        let proven = inside.iter().filter(|(_, proves)| *proves).count();
        prop_assert_eq!(admission.counts(), (proven, inside.len() - proven));
        for (number, proves) in inside {
            admission.leave(place(number), proves);
        }
        prop_assert_eq!(admission.counts(), (0, 0));
        prop_assert!(admission.places.is_empty());
        prop_assert!(admission.neighbourhoods.is_empty());
    }
}
