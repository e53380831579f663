package dev.lifeboat.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Which module may see which, and why. It stands here since this module's tests see every other. */
class ArchitectureTest {

    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.lifeboat");

    private static final String[] CLOUD = {
        "software.amazon..",
        "org.postgresql..",
        "java.sql..",
        "com.github.luben..",
        "org.apache.commons.compress..",
        "com.google.crypto.."
    };

    @Test
    void everyModuleIsLookedAt() {
        assertThat(ALL.stream()
                        .map(JavaClass::getPackageName)
                        .map(name -> name.split("\\.")[2])
                        .collect(Collectors.toSet()))
                .contains("workflows", "activities", "config", "cli", "worker");
    }

    @Test
    void workflowsSeeOnlyTheJdkTemporalAndJackson() {
        classes()
                .that()
                .resideInAPackage("dev.lifeboat.workflows..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.lifeboat.workflows..",
                        "java..",
                        "io.temporal..",
                        "com.google.protobuf..",
                        "com.fasterxml.jackson..",
                        "org.slf4j..",
                        "org.jspecify..")
                .because("a workflow that can call S3 or a database would do so again at every replay")
                .check(ALL);
    }

    @Test
    void theDomainKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage("dev.lifeboat.workflows.domain..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.lifeboat.workflows.contract..", "dev.lifeboat.workflows.runbook..", "io.temporal..")
                .because("facts in the field's words outlive every way of carrying a runbook out")
                .check(ALL);
    }

    @Test
    void theContractKnowsNoRunbook() {
        noClasses()
                .that()
                .resideInAPackage("dev.lifeboat.workflows.contract..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.lifeboat.workflows.runbook..")
                .because("what may be asked of the world is the same for every runbook")
                .check(ALL);
    }

    @Test
    void runbooksDoNotImportEachOther() {
        slices().matching("dev.lifeboat.workflows.runbook.(*)..")
                .should()
                .notDependOnEachOther()
                .ignoreDependency(
                        JavaClass.Predicates.resideInAPackage("dev.lifeboat.workflows.runbook.inquiry.."),
                        DescribedPredicate.alwaysTrue())
                .because("they start each other as child workflows, so that each keeps its own history and lock;"
                        + " an inquiry asks what another one would do")
                .check(ALL);
    }

    @Test
    void activityPackagesShareOnlyTheStorePort() {
        slices().matching("dev.lifeboat.activities.(*)..")
                .should()
                .notDependOnEachOther()
                .ignoreDependency(
                        DescribedPredicate.alwaysTrue(),
                        JavaClass.Predicates.resideInAPackage("dev.lifeboat.activities.store.."))
                .because("a worker near a database must not carry what another role needs")
                .check(ALL);
    }

    @Test
    void activitiesKnowNoRunbook() {
        noClasses()
                .that()
                .resideInAPackage("dev.lifeboat.activities..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.lifeboat.workflows.runbook.pitrrecovery..", "dev.lifeboat.worker..")
                .because("the order of steps is the workflow's; an activity is one step of many runbooks")
                .check(ALL);
    }

    @Test
    void theOperatorsToolHoldsNoCloudClass() {
        noClasses()
                .that()
                .resideInAPackage("dev.lifeboat.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.lifeboat.activities..", "dev.lifeboat.worker..", "org.springframework..")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage(CLOUD)
                .because("the tool in the operator's hand starts fast and has no credential to lose")
                .check(ALL);
    }

    @Test
    void theConfigurationKnowsNoCloudClass() {
        noClasses()
                .that()
                .resideInAPackage("dev.lifeboat.config..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.lifeboat.activities..", "dev.lifeboat.worker..", "dev.lifeboat.cli..")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage(CLOUD)
                .because("tool, worker and lab read the same file")
                .check(ALL);
    }

    @Test
    void onlyActivitiesTouchTheBucketAndTheDatabase() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.lifeboat.activities..")
                .and()
                .resideOutsideOfPackage("dev.lifeboat.lab..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(CLOUD)
                .because("every change to the world checks its fencing number first, and only activities do that")
                .check(ALL);
    }

    @Test
    void aRunbookTakesTheSamePathInAReplay() {
        noClasses()
                .that()
                .resideInAPackage("dev.lifeboat.workflows.runbook..")
                .should()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(java.time.Clock.class, "systemUTC")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "getenv")
                .orShould()
                .callMethod(java.util.UUID.class, "randomUUID")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.util.Random.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent.locks..", "java.nio.file..", "java.net..")
                .because("a replay must take the same path as the first run")
                .check(ALL);
    }

    @Test
    void aRunbookReadsNoFile() {
        noClasses()
                .that()
                .resideInAPackage("dev.lifeboat.workflows.runbook..")
                .should()
                .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("java.io..")
                        .and(DescribedPredicate.not(JavaClass.Predicates.type(java.io.Serializable.class))))
                .because("a file may have changed until the replay")
                .check(ALL);
    }

    @Test
    void whatActivitiesUseIsTheirOwnAffair() {
        classes()
                .that()
                .resideInAPackage("dev.lifeboat.activities.postgres..")
                .and()
                .arePublic()
                .should()
                .haveSimpleNameEndingWith("Role")
                .orShould()
                .haveSimpleNameEndingWith("Status")
                .orShould()
                .haveSimpleNameEndingWith("ActivitiesImpl")
                .orShould()
                .haveSimpleNameEndingWith("SocketFactory")
                .because("only what the worker registers, and what the JDBC driver makes by its name, can be used from"
                        + " outside of the package")
                .check(ALL);
    }
}
