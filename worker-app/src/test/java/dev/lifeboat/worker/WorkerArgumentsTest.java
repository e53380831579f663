package dev.lifeboat.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.config.ConfigException;
import dev.lifeboat.worker.WorkerArguments.Role;
import org.junit.jupiter.api.Test;

class WorkerArgumentsTest {

    @Test
    void withoutAnyArgumentItHasEveryRoleOfEveryCluster() {
        WorkerArguments arguments = WorkerArguments.parse();

        assertThat(arguments.roles()).containsExactlyInAnyOrder(Role.values());
        assertThat(arguments.clusters()).isEmpty();
        assertThat(arguments.config()).isNull();
    }

    @Test
    void rolesAndClustersAreListsAndMayBeGivenWithAnEqualsSign() {
        WorkerArguments arguments = WorkerArguments.parse("--role=platform,postgres", "--cluster", "main, other");

        assertThat(arguments.roles()).containsExactlyInAnyOrder(Role.PLATFORM, Role.POSTGRES);
        assertThat(arguments.clusters()).containsExactly("main", "other");
    }

    @Test
    void anUnknownRoleIsAnswerWithThoseThereAre() {
        assertThatThrownBy(() -> WorkerArguments.parse("--role", "kubernetes"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("runbooks, platform and postgres");
    }

    @Test
    void anUnknownOptionAndAMissingValueAreRefused() {
        assertThatThrownBy(() -> WorkerArguments.parse("--rolle", "x")).hasMessageContaining("--rolle");
        assertThatThrownBy(() -> WorkerArguments.parse("--config")).hasMessageContaining("without a value");
    }
}
