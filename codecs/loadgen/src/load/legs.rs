//! Whose leg is where in the generator, and what it is protected by.

use std::collections::HashMap;
use std::net::UdpSocket;

use forward::srtp::Profile;

use super::bare;
use crate::dtls::Keys;
use crate::generator::{Generator, Way};
use crate::hex;
use crate::load::outcome::KeyedSample;
use crate::outcome::Sample;
use crate::participant::connected::Connected;
use crate::participant::following::Ask;
use crate::sdp;
use crate::setup::{IceSetup, OwnIce, VideoCodec};
use crate::signalling::{LegPlan, Person};

/// Everybody's legs.
pub struct Legs {
    profile: Profile,
    codec: VideoCodec,
    /// By the number of a participant.
    people: Vec<Known>,
    /// By place in the generator; whoever is there without the SFU has no number.
    places: HashMap<usize, (Option<usize>, Keys)>,
}

/// A leg whose keys are there.
pub struct Ready {
    /// Its socket.
    pub socket: UdpSocket,
    /// What it is for.
    pub plan: Box<LegPlan>,
    /// Its keys.
    pub keys: Box<Keys>,
}

struct Known {
    consultation: usize,
    own_ice: OwnIce,
    /// Where it sends from.
    place: Option<usize>,
    /// Legs that only receive, and were faster than the one that sends.
    early: Vec<Ready>,
    /// What the SFU asked of their camera before there was a leg.
    early_asks: Vec<Vec<Ask>>,
}

impl Legs {
    /// Nobody's yet.
    #[must_use]
    pub fn new(profile: Profile, codec: VideoCodec) -> Self {
        Self {
            profile,
            codec,
            people: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// How many participants there are to be.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// One more who will come.
    pub fn expect(&mut self, person: &Person, consultation: usize) {
        self.people.push(Known {
            consultation,
            own_ice: OwnIce {
                ufrag: sdp::UFRAG.into(),
                password: person.password.clone(),
            },
            place: None,
            early: Vec::new(),
            early_asks: Vec::new(),
        });
    }

    /// Who is at a place.
    #[must_use]
    pub fn number_at(&self, place: usize) -> Option<usize> {
        self.places.get(&place)?.0
    }

    /// Lets the media of a leg begin; one that only receives waits for the one that sends.
    ///
    /// # Errors
    /// A sentence: the generator cannot have it.
    pub fn add(
        &mut self,
        generator: &mut Generator,
        number: usize,
        ready: Ready,
    ) -> Result<(), String> {
        let Some(known) = self.people.get_mut(number) else {
            return Ok(());
        };
        if ready.plan.sends.is_none() && known.place.is_none() {
            known.early.push(ready);
            return Ok(());
        }
        let keys = (*ready.keys).clone();
        let connected = known.connected(ready, self.profile, self.codec);
        let place = match known.place {
            Some(of_place) => generator.add_receiving(connected, of_place)?,
            None => *known.place.insert(generator.add(connected)?),
        };
        for asks in known.early_asks.drain(..) {
            generator.obey(place, &asks);
        }
        let early = std::mem::take(&mut known.early);
        self.places.insert(place, (Some(number), keys));
        for ready in early {
            self.add(generator, number, ready)?;
        }
        Ok(())
    }

    /// Has somebody do what the SFU asks of their camera, as soon as they send.
    pub fn obey(&mut self, generator: &mut Generator, number: usize, asks: Vec<Ask>) {
        let Some(known) = self.people.get_mut(number) else {
            return;
        };
        match known.place {
            Some(place) => generator.obey(place, &asks),
            None => known.early_asks.push(asks),
        }
    }

    /// Ends the media of somebody.
    pub fn remove(&mut self, generator: &mut Generator, number: usize) {
        if let Some(known) = self.people.get_mut(number) {
            known.early.clear();
            if let Some(place) = known.place.take() {
                generator.remove(place);
            }
        }
    }

    /// Adds two who send to one another without the SFU; `index` counts such pairs.
    ///
    /// # Errors
    /// A sentence: descriptors or ports ran out.
    pub fn add_bare(&mut self, generator: &mut Generator, index: usize) -> Result<(), String> {
        let consultation = generator.open_consultation(Way::Bare, 2);
        for connected in bare::pair(consultation, index, self.profile, self.codec)? {
            let keys = Keys {
                sends: connected.sends.clone(),
                receives: connected.receives.clone(),
            };
            let place = generator.add(connected)?;
            self.places.insert(place, (None, keys));
        }
        Ok(())
    }

    /// A sample with what it is protected by.
    #[must_use]
    pub fn keyed(&self, sample: Sample) -> Option<KeyedSample> {
        let (_, keys) = self.places.get(&sample.participant)?;
        let key = if sample.sent {
            &keys.sends
        } else {
            &keys.receives
        };
        Some(KeyedSample {
            participant: sample.participant,
            sent: sample.sent,
            datagram: sample.datagram,
            key: hex::encode(&key.key),
            salt: hex::encode(&key.salt),
            profile_iana: self.profile.iana(),
        })
    }
}

impl Known {
    fn connected(&self, ready: Ready, profile: Profile, codec: VideoCodec) -> Connected {
        let Ready { socket, plan, keys } = ready;
        let (audio, video) = plan
            .sends
            .map_or((None, Vec::new()), |lines| (Some(lines.audio), lines.video));
        Connected {
            consultation: self.consultation,
            socket,
            remote: plan.remote,
            ice: Some(IceSetup {
                own: Some(self.own_ice.clone()),
                ..plan.ice
            }),
            profile,
            sends: keys.sends,
            receives: keys.receives,
            extensions: plan.extensions,
            codec,
            audio,
            video,
            received: plan.received,
        }
    }
}
