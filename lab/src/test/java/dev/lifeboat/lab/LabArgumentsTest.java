package dev.lifeboat.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabArgumentsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "demo dumps --dir /x  | 'lifeboat demo dumps' takes no --dir",
                "demo --dir /tmp/x    | 'lifeboat demo' takes no --dir",
                "lab up --dri /tmp/x  | the lab does not know '--dri'",
                "lab up --yes         | the lab does not know '--yes'",
                "lab up --dir         | --dir was given without a value",
                "lab up --engine fake | there is no engine 'fake'; there are auto, embedded and real",
                "lab status --engine real | 'lifeboat lab status' takes no --engine",
                "lab down --engine real   | 'lifeboat lab down' takes no --engine",
            })
    void whatItDoesNotKnowIsRefusedAndNeverIgnored(String typed, String sentence) {
        assertThatThrownBy(() -> LabArguments.parse(List.of(typed.split(" "))))
                .isInstanceOf(LabArguments.WrongUse.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void whatItKnowsIsRead() {
        LabArguments up = LabArguments.parse(List.of("lab", "up", "--dir=/srv/lab", "--engine", "embedded"));

        assertThat(up).isEqualTo(new LabArguments("lab up", Path.of("/srv/lab"), EngineChoice.EMBEDDED));
        assertThat(LabArguments.parse(List.of("demo", "pitr")).command()).isEqualTo("demo");
    }
}
