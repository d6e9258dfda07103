"""Codes and labels of knowledge (知识库用语)."""

from __future__ import annotations

from taxops.engines.base import Choices


class Category(Choices):
    """What an article is about (知识分类)."""

    USE = "use", "软件操作"
    INVOICE = "invoice", "发票业务"
    FAULT = "fault", "故障处置"
    DATA = "data", "数据与口径"
    CONFIG = "config", "参数与部署"
    HALL = "hall", "办税厅设备"
    OTHER = "other", "其他"


class VersionState(Choices):
    """Where a version stands (版本状态)."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待审核"
    RETURNED = "returned", "已退回"
    PUBLISHED = "published", "已发布"


class ArticleState(Choices):
    """Where an article stands (知识状态)."""

    DRAFT = "draft", "未发布"
    PUBLISHED = "published", "已发布"
    RETIRED = "retired", "已停用"


class EditionState(Choices):
    """Where an edition stands (手册状态)."""

    DRAFT = "draft", "编制中"
    FROZEN = "frozen", "已定稿"


class Channel(Choices):
    """How a question came in (提问渠道)."""

    PHONE = "phone", "电话"
    WEB = "web", "网站"
    CHAT = "chat", "微信/QQ"
    HOTLINE = "hotline", "12366"
    MAYOR = "mayor", "12345"
    ONSITE = "onsite", "现场"
    OTHER = "other", "其他"
