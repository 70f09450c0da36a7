//! A header stays inside its packet, and its elements survive being written again.

use wire::rtp::{ExtensionForm, HeaderWriter, RtpHeader};

/// Parses, walks the elements and the payload, writes the header anew and compares.
pub fn check(input: &[u8]) {
    let Ok(header) = RtpHeader::parse_untrusted(input) else {
        return;
    };
    assert!((12..=input.len()).contains(&header.header_len));
    if let Ok(payload) = header.payload_untrusted(input) {
        assert!(header.header_len + payload.len() <= input.len());
        assert!(header.has_padding || header.header_len + payload.len() == input.len());
    }
    let elements: Vec<_> = header.extensions(input).collect();
    let value_bytes: usize = elements
        .iter()
        .filter_map(|item| item.ok())
        .map(|(_, value)| value.len())
        .sum();
    assert!(value_bytes <= header.extension.map_or(0, |block| block.len));
    // A lie is the last item.
    assert!(elements.iter().rev().skip(1).all(Result::is_ok));

    let mut out = vec![0; input.len() + 16];
    let mut writer = HeaderWriter::new(
        &mut out,
        header.marker,
        header.payload_type,
        header.sequence,
        header.timestamp,
        header.ssrc,
    )
    .expect("twelve bytes fit, and a parsed type has seven bits");
    let one_byte = header
        .extension
        .is_some_and(|block| block.form == ExtensionForm::OneByte);
    let written: Vec<_> = elements
        .into_iter()
        .filter_map(Result::ok)
        .filter(|(id, value)| writer.extension(*id, value).is_some())
        .collect();
    let len = writer.finish();
    let again = RtpHeader::parse_untrusted(&out[..len]).expect("what was written parses");
    assert_eq!(again.header_len, len);
    assert_eq!(
        (again.sequence, again.timestamp, again.ssrc),
        (header.sequence, header.timestamp, header.ssrc)
    );
    let read: Vec<_> = again
        .extensions(&out[..len])
        .map(|item| item.expect("no lie"))
        .collect();
    assert_eq!(read, written);
    // What the one-byte form could carry before, it can carry again.
    assert!(!one_byte || value_bytes == written.iter().map(|(_, value)| value.len()).sum());
}
