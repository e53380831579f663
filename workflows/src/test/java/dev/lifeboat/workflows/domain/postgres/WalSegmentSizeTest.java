package dev.lifeboat.workflows.domain.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalSegmentSizeTest {

    @ParameterizedTest
    @CsvSource({
        "16777216, 1, 0/3000148, 000000010000000000000003",
        "16777216, 10, 16/B374D848, 0000000A00000016000000B3",
        "16777216, 1, 1/0, 000000010000000100000000",
        "67108864, 2, 1/FC000000, 00000002000000010000003F",
        "1048576, 1, 0/FFFFFFFF, 000000010000000000000FFF",
        "1073741824, 1, 1/40000000, 000000010000000100000001"
    })
    void namesTheSegmentThatHoldsAPosition(long bytes, int timeline, String lsn, String name) {
        WalSegmentSize size = new WalSegmentSize(bytes);

        WalSegment segment = size.segmentAt(timeline, Lsn.parse(lsn));

        assertThat(size.nameOf(segment)).isEqualTo(name);
        assertThat(size.parse(name)).isEqualTo(segment);
        assertThat(size.startOf(segment).isAfter(Lsn.parse(lsn))).isFalse();
        assertThat(size.endOf(segment).isAfter(Lsn.parse(lsn))).isTrue();
    }

    @Test
    void theSegmentAfterTheLastOfALogIsTheFirstOfTheNext() {
        WalSegmentSize size = WalSegmentSize.DEFAULT;

        WalSegment next = size.parse("0000000100000000000000FF").next();

        assertThat(size.nameOf(next)).isEqualTo("000000010000000100000000");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1 << 19, (1 << 24) + 1, 1L << 31})
    void refusesASizeThatInitdbWouldRefuse(long bytes) {
        assertThatThrownBy(() -> new WalSegmentSize(bytes)).hasMessageContaining(bytes + " bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000001.history", "00000001000000000000000", "00000001000000000000000g", ""})
    void refusesANameThatIsNotASegment(String name) {
        assertThatThrownBy(() -> WalSegmentSize.DEFAULT.parse(name)).hasMessageContaining("'" + name + "'");
    }
}
