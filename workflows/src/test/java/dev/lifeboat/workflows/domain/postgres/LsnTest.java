package dev.lifeboat.workflows.domain.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LsnTest {

    @ParameterizedTest
    @ValueSource(strings = {"0/0", "0/3000148", "16/B374D848", "FFFFFFFF/FFFFFFFF"})
    void printsAsPostgresqlDoes(String text) {
        assertThat(Lsn.parse(text)).hasToString(text);
    }

    @Test
    void ordersPositionsBeyondTheSignOfALong() {
        Lsn low = Lsn.parse("7FFFFFFF/FFFFFFFF");
        Lsn high = Lsn.parse("80000000/0");

        assertThat(low.isBefore(high)).isTrue();
        assertThat(high.isAfter(low)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0/", "/1", "0/G", "0/123456789", "0/1 "})
    void refusesWhatIsNotAPosition(String text) {
        assertThatThrownBy(() -> Lsn.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }
}
