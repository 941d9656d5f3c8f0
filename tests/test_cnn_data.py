"""Image models: published counts, corrections of sources, and the chapter's figures.

Expected numbers come from the sources named beside them, not from this code.
"""

import pandas as pd
import pytest

from model_economics import datasets, layers, sizes
from model_economics.claims import cnn_history


@pytest.fixture(scope="module")
def cnn():
    return datasets.load("cnn_models")


@pytest.fixture(scope="module")
def net(cnn):
    return cnn.set_index("model")


@pytest.fixture(scope="module")
def shapes():
    return datasets.load("cnn_layers")


@pytest.fixture(scope="module")
def kinds(shapes):
    return layers.params_by_kind(shapes)


# --- layer shapes against published totals ---------------------------------------------------

PUBLISHED_PARAMS = {
    "alexnet-caffe": 60_965_224,  # BVLC deploy.prototxt; weight file 243,862,414 bytes
    "vgg-16": 138_357_544,  # torchvision VGG16_Weights num_params
    "vgg-19": 143_667_240,  # torchvision VGG19_Weights num_params
    "googlenet-caffe": 6_998_552,  # BVLC deploy.prototxt, without auxiliary heads
    "squeezenet-1.0": 1_248_424,  # torchvision SqueezeNet1_0_Weights num_params
    "resnet-50": 25_557_032,  # torchvision ResNet50_Weights num_params
    "mobilenet-v1-1.0-224": 4_231_976,  # Keras MobileNet, trainable parameters
    "nin-imagenet": 7_595_176,  # worked by hand below
}
PUBLISHED_GMACS = {
    "vgg-16": 15.470,  # torchvision _ops
    "vgg-19": 19.632,  # torchvision _ops
    "resnet-50": 4.089,  # torchvision _ops
    "squeezenet-1.0": 0.819,  # torchvision _ops
    "alexnet-caffe": 0.724,  # convnet-burden, caffenet
    "mobilenet-v1-1.0-224": 0.569,  # MobileNet paper, table 6
}


@pytest.mark.parametrize(("model", "params"), PUBLISHED_PARAMS.items())
def test_layer_sums_equal_the_published_totals(kinds, net, model, params):
    assert kinds.loc[model, "total"] == params
    assert net.loc[model, "params_m"] == pytest.approx(params / 1e6, abs=1e-9)


@pytest.mark.parametrize(("model", "gmacs"), PUBLISHED_GMACS.items())
def test_layer_operations_equal_the_published_ones(shapes, model, gmacs):
    assert layers.network_costs(shapes).loc[model, "gmacs"] == pytest.approx(gmacs, abs=5e-4)


def test_network_in_network_by_hand(kinds):
    """Three blocks of one convolution and two 1 x 1, and a fourth that ends in the classes."""
    weights = 96 * 3 * 121 + 2 * 96 * 96 + 256 * 96 * 25 + 2 * 256 * 256 + 384 * 256 * 9
    weights += 2 * 384 * 384 + 1024 * 384 * 9 + 1024 * 1024 + 1000 * 1024
    biases = 3 * 96 + 3 * 256 + 3 * 384 + 2 * 1024 + 1000
    assert kinds.loc["nin-imagenet", "total"] == weights + biases
    assert layers.fp32_mb(7.595176) == pytest.approx(29 * 2**20 / 1e6, rel=0.01)  # "29MB"


def test_fully_connected_shares(kinds):
    """58,631,144 and 123,642,856 fully connected parameters, counted layer by layer."""
    fc = kinds["fully connected"]
    assert fc["alexnet-caffe"] == 9217 * 4096 + 4097 * 4096 + 4097 * 1000 == 58_631_144
    assert fc["vgg-16"] == fc["vgg-19"] == 123_642_856
    share = fc / kinds["total"]
    assert share[["alexnet-caffe", "vgg-16", "vgg-19"]].round(3).tolist() == [0.962, 0.894, 0.861]


def test_auxiliary_heads_of_googlenet(kinds, net):
    """BVLC train_val.prototxt holds 13,378,280 parameters; the file has 53,533,754 bytes."""
    assert kinds.loc["googlenet-caffe", "auxiliary"] == 13_378_280 - 6_998_552
    stored = layers.fp32_mb(net.loc["googlenet-caffe", ["params_m", "aux_params_m"]].sum())
    assert net.loc["googlenet-caffe", "weights_file_mb"] == pytest.approx(stored, rel=0.001)


def test_activations_are_a_lower_bound_of_the_published_memory(shapes, net):
    """convnet-burden counts every output, ours only those of layers with parameters."""
    ours = layers.network_costs(shapes)["activation_mb"]
    theirs = net["feature_memory_mb"].dropna()
    both = ours.index.intersection(theirs.index)
    assert len(both) >= 6
    assert (ours[both] <= theirs[both] + 0.5).all()
    assert ours["vgg-16"] == pytest.approx(theirs["vgg-16"], rel=0.1)  # few other layers


def test_channels_must_divide_into_groups(shapes):
    broken = shapes.assign(groups=7)
    with pytest.raises(ValueError, match="groups"):
        layers.layer_params(broken)


# --- corrections of sources, each pinned -----------------------------------------------------


def recomputed(net, kinds):
    """The figure used for each correction, from models and layers alone."""
    file_mb, params_m = net["weights_file_mb"], net["params_m"]
    gmacs = net["gmacs"]
    return {
        "googlenet-aux-file": params_m["googlenet"] + net.loc["googlenet", "aux_params_m"],
        "inception-v3-aux": params_m["inception-v3"],
        "googlenet-twelve-times": kinds.loc["alexnet-caffe", "total"]
        / kinds.loc["googlenet-caffe", "total"],
        "vgg-16-flops": gmacs["vgg-16-caffe"],
        "caffenet-flops": gmacs["caffenet"],
        "resnext-101-flops": gmacs["resnext-101-32x4d"],
        "resnet-34-params": params_m["resnet-34"],
        "regnetx-3.2gf-params": params_m["regnetx-3.2gf"],
        "mobilenet-224-macs": gmacs["mobilenet-v1-1.0-224"] * 1e3,
        "mobilenet-0.25-192-macs": gmacs["mobilenet-v1-0.25-192"] * 1e3,
        "mobilenet-0.75-224-macs": gmacs["mobilenet-v1-0.75-224"] * 1e3,
        "mobilenet-0.5-params": params_m["mobilenet-v1-0.50-224"],
        "wide-resnet-50-file": file_mb["wide-resnet-50-2"] / params_m["wide-resnet-50-2"],
    }


def test_every_correction_is_the_figure_in_use(net, kinds):
    corrections = datasets.load("cnn_corrections").set_index("correction")
    used = recomputed(net, kinds)
    assert set(used) == set(corrections.index)
    for name, value in used.items():
        assert value == pytest.approx(corrections.loc[name, "used_value"], rel=0.006), name
        assert value != pytest.approx(corrections.loc[name, "printed_value"], rel=0.003), name


def test_open_model_zoo_prints_twice_the_operations(net):
    """30.974 printed for VGG-16 against 15.47 in torchvision: a factor of two."""
    assert net.loc["vgg-16-caffe", "gmacs_basis"] == "2 x MACs, halved"
    assert net.loc["vgg-16", "gmacs"] == pytest.approx(30.974 / 2, rel=0.002)


def test_torchvision_googlenet_file_holds_the_heads(net):
    """6,624,904 parameters published; 49.731 MiB hold 13,004,888 of four bytes."""
    row = net.loc["googlenet"]
    assert row["params_m"] == pytest.approx(6.624904)
    both_mb = layers.fp32_mb(row["params_m"] + row["aux_params_m"])
    assert row["weights_file_mb"] == pytest.approx(both_mb, rel=0.005)
    assert row["weights_file_mb"] > 1.9 * layers.fp32_mb(row["params_m"])


def test_alexnet_has_three_sizes(net, kinds):
    """Grouped (2012), single tower (2014), and without groups 62,378,344: told apart."""
    assert net.loc["alexnet-caffe", "params_m"] == pytest.approx(60.965224)
    assert net.loc["alexnet", "params_m"] == pytest.approx(61.100840)
    ungrouped = kinds.loc["alexnet-caffe", "total"] + 48 * 256 * 25 + 192 * 384 * 9 + 192 * 256 * 9
    assert ungrouped == 62_378_344  # osmr/imgclsmob prints 62.38 M


def test_weight_files_of_four_bytes(cnn):
    """Where a file has no heads and is not compressed, it holds 4 bytes a parameter."""
    plain = cnn[
        cnn["weights_file_basis"].isin(["bytes", "MiB, converted"])
        & cnn["params_m"].notna()
        & cnn["aux_params_m"].isna()
        # half precision; training state in the file; 23 MiB as rounded by Keras
        & ~cnn["model"].str.contains("wide-resnet|inception-v2$|nasnet-a-mobile")
    ]
    per_parameter = plain["weights_file_mb"] / plain["params_m"]
    assert len(plain) > 60
    assert per_parameter.between(3.9, 4.3).all(), plain.loc[
        ~per_parameter.between(3.9, 4.3), "model"
    ].tolist()


def test_contest_errors_are_those_of_ensembles():
    """GoogLeNet paper, tables 2 and 3: 6.67 % for seven networks, 10.07 % for one crop of one."""
    entry = datasets.load("cnn_contests").set_index("entry").loc["ilsvrc-2014-googlenet"]
    assert (entry["team_top5_error_pct"], entry["single_top5_error_pct"]) == (6.67, 10.07)


def test_newer_recipes_do_not_enter_the_comparison(cnn):
    """torchvision calls these V1, though they were trained like V2."""
    kept = set(sizes.comparable_networks(cnn)["model"])
    assert {"alexnet", "vgg-16", "googlenet", "resnet-50", "mobilenet-v2"} <= kept
    newer = ["resnext-101-64x4d", "shufflenet-v2-x1.5", "efficientnet-b0", "convnext-tiny"]
    assert kept.isdisjoint(newer)
    assert (cnn.set_index("model").loc[newer, "protocol"] == "torchvision V1").all()


# --- the table as a whole --------------------------------------------------------------------


def test_the_table_covers_the_story(cnn):
    assert len(cnn) >= 100
    families = [
        "AlexNet", "VGG", "GoogLeNet/Inception", "SqueezeNet", "ResNet", "ResNeXt", "MobileNet",
        "Network in Network", "DenseNet", "Xception", "ShuffleNet", "NASNet", "SENet",
        "EfficientNet", "RegNet", "ConvNeXt",
    ]  # fmt: skip
    assert set(families) <= set(cnn["family"])
    grid = cnn[cnn["model"].str.startswith("mobilenet-v1-")]
    assert len(grid) == 16  # four widths at four resolutions


def test_accuracy_has_a_protocol(cnn):
    assert cnn.loc[cnn["top1_pct"].notna(), "protocol"].notna().all()
    assert (cnn["top1_pct"] < cnn["top5_pct"]).where(cnn["top5_pct"].notna(), True).all()


def test_a_distinct_network_stands_once(cnn):
    networks = sizes.distinct_networks(cnn)
    assert not networks["model"].str.contains("new-recipe|slim|-128$|-160$|-192$").any()
    assert {"mobilenet-v1-1.0-224", "vgg-16", "resnet-50"} <= set(networks["model"])


# --- the claim of 100 times, and the verdicts ------------------------------------------------


def test_ratios_of_the_claim(cnn, shapes):
    """138,357,544 / 6,998,552 and so on; the caffemodel files give 10.3 and 110.5."""
    ratios = cnn_history.size_ratios(cnn, shapes).set_index("pair")
    assert ratios.loc["VGG-16 → GoogLeNet", "by_params"] == pytest.approx(19.77, abs=0.005)
    assert ratios.loc["AlexNet → GoogLeNet", "by_params"] == pytest.approx(8.71, abs=0.005)
    assert ratios.loc["VGG-16 → GoogLeNet", "by_file"] == pytest.approx(
        553_432_081 / 53_533_754, abs=0.005
    )
    assert ratios.loc["VGG-16 → SqueezeNet", "by_params"] == pytest.approx(110.83, abs=0.005)
    assert ratios.loc["AlexNet → SqueezeNet", "by_params"] == pytest.approx(48.83, abs=0.005)
    assert ratios.loc["AlexNet → SqueezeNet", "by_macs"] < 1  # SqueezeNet works more


def test_recipe_and_architecture(cnn):
    """torchvision: 71.592 (VGG-16), 76.130 and 80.858 (ResNet-50, V1 and V2)."""
    gains = cnn_history.recipe_gains(cnn).set_index("label")
    assert gains.loc["ResNet-50", "new"] - gains.loc["ResNet-50", "old"] == pytest.approx(4.728)
    assert gains.loc["ResNet-50", "old"] - 71.592 == pytest.approx(4.538)


def test_verdicts_in_order(cnn):
    found = cnn_history.verdicts(cnn, datasets.load("cnn_transfer"))
    assert [v.claim for v in found] == [f"C{n}" for n in range(24, 33)]


def test_verdict_follows_the_numbers(cnn):
    """A GoogLeNet of a fifth of the size, public in 2015, would make the claim mostly true."""
    changed = cnn.copy()
    google = changed["model"] == "googlenet-caffe"
    changed.loc[google, "params_m"] /= 6
    changed.loc[google, "released_on"] = pd.Timestamp("2015-06-01")
    assert cnn_history.c27(cnn).verdict == "not supported"
    assert cnn_history.c27(changed).verdict == "partly"
    files = changed.assign(weights_file_mb=changed["weights_file_mb"] * 10)
    assert cnn_history.c27(files).verdict == "reproduced"


def test_squeezenet_verdict_turns_with_its_year(cnn):
    changed = cnn.copy()
    changed.loc[changed["model"] == "squeezenet-1.0", "released_on"] = pd.Timestamp("2015-12-01")
    assert cnn_history.c28(cnn).verdict == "partly"
    assert cnn_history.c28(changed).verdict == "reproduced"


def test_a_missing_model_is_named(cnn):
    with pytest.raises(ValueError, match="'vgg-19'"):
        cnn_history.c25(cnn[cnn["model"] != "vgg-19"])


def test_balance_is_judged_by_the_spread_of_sizes(cnn):
    """All networks since 2017 at 25 M would be a balance; none gathered would be none."""
    late = cnn["released_on"] >= "2017-01-01"
    middle = late | (cnn["released_on"] >= "2015-01-01")
    gathered = cnn.assign(params_m=cnn["params_m"].mask(late, 25 + cnn.index / 10))
    scattered = cnn.assign(params_m=cnn["params_m"].mask(middle, 4.0 ** (cnn.index % 9)))
    assert cnn_history.c29(cnn).verdict == "partly"
    assert cnn_history.c29(gathered).verdict == "reproduced"
    assert cnn_history.c29(scattered).verdict == "not supported"


def test_quoted_studies_alone_never_reproduce_a_claim(cnn):
    studies = datasets.load("cnn_transfer")
    weaker = studies.assign(value=studies["value"] * 0.5)
    assert cnn_history.c31(cnn, studies).verdict == "holds with a caveat"
    assert cnn_history.c31(cnn, weaker).verdict == "partly"
