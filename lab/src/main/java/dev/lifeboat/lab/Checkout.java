package dev.lifeboat.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The checkout that this lab was built from, and how its programs are started as processes of their own. */
record Checkout(Path root) {

    /** By the system property {@code lifeboat.root}, else by where this class was loaded from. */
    static Checkout find() {
        String named = System.getProperty("lifeboat.root");
        if (named != null && !named.isEmpty()) {
            return new Checkout(Path.of(named).toAbsolutePath().normalize());
        }
        try {
            Path here = Path.of(Checkout.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            for (Path folder = here; folder != null; folder = folder.getParent()) {
                if (Files.exists(folder.resolve("mvnw"))) {
                    return new Checkout(folder);
                }
            }
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalStateException("this lab is not in a checkout; name it with -Dlifeboat.root=FOLDER");
    }

    /** Java with the class path of a module and these options, up to and including the main class. */
    List<String> java(String module, String mainClass, String... options) {
        Path target = root.resolve(module).resolve("target");
        String classPath = jar(target) + java.io.File.pathSeparator + target.resolve("lib") + "/*";
        return Stream.of(
                        Stream.of(javaProgram()),
                        Stream.of(options),
                        Stream.of("-Dlifeboat.root=" + root, "-cp", classPath, mainClass))
                .flatMap(part -> part)
                .toList();
    }

    static String javaProgram() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static Path jar(Path target) {
        try (Stream<Path> files = Files.list(target)) {
            return files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.startsWith("lifeboat-") && name.endsWith(".jar") && !name.contains("-tests");
                    })
                    .findFirst()
                    .orElseThrow(() -> notBuilt(target));
        } catch (IOException e) {
            throw new UncheckedIOException(notBuilt(target).getMessage(), e);
        }
    }

    private static IllegalStateException notBuilt(Path target) {
        return new IllegalStateException(
                "there is no jar in " + target + "; build it with './mvnw package -DskipTests'");
    }
}
